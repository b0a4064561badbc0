/* SPDX-License-Identifier: ISC */
/* Taking byte ranges out of a mailbox that keeps its inode, whole or not at
 * all. What stays behind the first range is put into a journal first,
 * .postern/NAME.expunge; its publication is the commit. All calls are made
 * with the mailbox locked. */
#pragma once

#include "store/place.h"

struct range {
	uint64_t from, to;
};

/* The ranges to take out, asked for in their order, as often as needed. */
struct ranges {
	bool uidl; /* NAME.uidl.next takes effect in the same step (uidl.h) */
	void *context;
	/* The first range that begins at or behind `from`: 1, 0 (no more), or
	 * -errno. */
	int (*next)(void *context, uint64_t from, struct range *ret);
};

#define EXPUNGE_HEADER 512   /* the kept bytes begin there in the journal */
#define EXPUNGE_SAMPLE 65536 /* octets behind them that are compared */

/* The journal's header. */
struct expunge {
	uint64_t inode;
	uint64_t start;    /* where the kept bytes go */
	uint64_t length;   /* how many */
	uint64_t old_size; /* of the mailbox */
	bool uidl;         /* NAME.uidl.next takes effect */
	char rest[65];     /* SHA-256 of what followed start + length, at most
			      EXPUNGE_SAMPLE of it: is there until it is cut */
};

/* One line of text in EXPUNGE_HEADER bytes; back: 0 or -EBADMSG. */
void expunge_format(const struct expunge *e, char ret[EXPUNGE_HEADER]);
int expunge_parse(struct slice header, struct expunge *ret) MUST_LOOK;

/* Decide that these ranges go: apart, within the file, which stays as it is.
 * 1: from now on they are as good as gone, for every opener completes it; 0:
 * there are none; -errno: nothing has changed. */
int expunge_commit(const struct place *p, int fd, const struct ranges *r,
		   struct expunge *ret) MUST_LOOK;

/* Carry it out, the mailbox not unlocked since. 0, or -errno: the next opener
 * completes it. */
int expunge_finish(const struct place *p, int fd, const struct ranges *r,
		   const struct expunge *e) MUST_LOOK;

/* Both. 0, or -errno: then nothing has changed, or the next opener completes
 * it. */
int expunge_ranges(const struct place *p, int fd,
		   const struct ranges *r) MUST_LOOK;

/* One range. */
int expunge_range(const struct place *p, int fd,
		  const struct range *r) MUST_LOOK;

/* Has a crash left one to be completed? 1, 0, or -errno. */
int expunge_pending(const struct place *p) MUST_LOOK;

/* Complete it. 0 or -errno. */
int expunge_repair(const struct place *p, int fd) MUST_LOOK;
