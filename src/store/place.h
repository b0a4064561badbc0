/* SPDX-License-Identifier: ISC */
/* Where a mailbox lies: its directory, its name there, and the .postern
 * directory beside it. Knows what a mailbox may be called. */
#pragma once

#include "store/store.h"

#define PLACE_NAME_MAX 128 /* leaves room for what is put around it */

struct store {
	int dir;
	int keeper; /* keeper.h; < 0: none */
	struct store_options options;
	char boot[40]; /* which boot of this host; empty: cannot be known */
	char host[65]; /* its name */
};

struct place {
	const char *boot; /* of this host; empty: cannot be known */
	const char *host;
	int parent;     /* borrowed: of dir, where that is a domain's; or -1 */
	int dir;        /* borrowed, where there is no domain */
	int side;       /* .postern; -1 when there is none */
	bool read_only; /* nothing is written there or beside it */
	char name[PLACE_NAME_MAX + 1];
};

/* Nothing opened yet; safe to give to place_done. */
#define PLACE_NONE                                                             \
	((struct place){                                                       \
		.boot = "", .host = "", .parent = -1, .dir = -1, .side = -1 })

/* May a mailbox be called so? At most one '/', no part that is empty or
 * begins with '.', none that ends in ".lock", no control characters. */
bool place_valid(struct slice mailbox);

/* Open the directories of `mailbox`; `make` those that are missing. Without
 * it a missing .postern is side == -1. 0; -EINVAL (no name for a mailbox);
 * -ENOENT; -EACCES (.postern may be written by everybody); -errno. */
int place_open(const struct store *s, struct slice mailbox, bool make,
	       struct place *ret) MUST_LOOK;

/* The same without making any, whoever may write .postern: for who puts that
 * right. */
int place_find(const struct store *s, struct slice mailbox,
	       struct place *ret) MUST_LOOK;
void place_done(struct place *p);

/* The names that lead to the mailbox and to what is beside it, on the disk. */
int place_sync(const struct place *p) MUST_LOOK;

/* The name of a file in .postern: NAME + suffix. */
struct place_file {
	char name[PLACE_NAME_MAX + 32];
};
struct place_file place_beside(const struct place *p, const char *suffix);

/* Open NAME + suffix in .postern for reading and, unless it is read_only,
 * writing; `make` it when it is missing. Descriptor or -errno. */
int place_open_beside(const struct place *p, const char *suffix,
		      bool make) MUST_LOOK;
