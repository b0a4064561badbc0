/* SPDX-License-Identifier: ISC */
/* The notes about appends, .postern/NAME.append: one that has begun, and the
 * named ones that are done and not yet forgotten. All calls are made with the
 * mailbox locked. */
#pragma once

#include "store/place.h"

#define APPEND_RECORD   512
#define APPEND_ONCE_MAX 63
#define APPEND_FROM_MAX 160

enum append_state { APPEND_BEGUN, APPEND_DONE };

struct append_note {
	enum append_state state;
	uint64_t old_size; /* of the mailbox: the append begins here, */
	uint64_t pad;      /* with so many LF, */
	uint64_t length;   /* and is so long, these included */
	char digest[65];   /* SHA-256 of it */
	char boot[40];     /* whose process it was; "-": unknown */
	char once[APPEND_ONCE_MAX + 2]; /* "=" and the delivery's name */
	char from[APPEND_FROM_MAX + 1]; /* its From_ line, or the start */
};

void append_format(const struct append_note *n, char ret[APPEND_RECORD]);
int append_parse(struct slice record, struct append_note *ret) MUST_LOOK;

/* May a delivery be called so? Printable ASCII, or empty. */
bool append_once_valid(struct slice once);

/* The file of notes; `make` it when missing. Descriptor or -errno. */
int append_notes(const struct place *p, bool make) MUST_LOOK;

/* Is there a note that the delivery `once` is done? 1, 0, or -errno; where. */
int append_find(int notes, struct slice once, uint64_t *ret_at) MUST_LOOK;

/* Note that an append begins; where the note lies. */
int append_begin(int notes, const struct append_note *n,
		 uint64_t *ret_at) MUST_LOOK;
/* It is done (for a named one), or is to be forgotten. */
int append_done(int notes, uint64_t at, struct append_note *n) MUST_LOOK;
int append_erase(int notes, uint64_t at) MUST_LOOK;

/* Settle the appends a crash left. boot: of this host. 0 or -errno. */
int append_repair(const struct place *p, int fd, const char *boot) MUST_LOOK;
