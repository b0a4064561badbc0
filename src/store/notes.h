/* SPDX-License-Identifier: ISC */
/* .postern/NAME.append: what is known of the appends to a mailbox. Records of
 * NOTES_RECORD octets:
 *
 *     0       the mark: of which boot it speaks, up to where all was whole
 *     1       up to where all is durable
 *     2 …     the named deliveries that are done and not yet forgotten
 *
 * Nobody waits for the disk to have them, but where it is said. All calls but
 * notes_durable are made with the mailbox locked. doc/store.md has the
 * argument. */
#pragma once

#include <sys/stat.h>

#include "store/place.h"

#define NOTES_RECORD   512
#define NOTES_ONCE_MAX 63
#define NOTES_MOST     4096 /* named deliveries; the oldest has to go */

/* A mailbox, as far as others cannot change it unseen. */
struct mark_state {
	uint64_t size, mtime_ns, ctime_ns;
};

struct mark {
	uint64_t era;     /* of `durable`: ends when the file is cut below it */
	uint64_t whole;   /* no torn message before here, seen in that boot */
	uint64_t durable; /* what is before here was flushed */
	char boot[40];    /* "-": unknown, like no other */
	bool held;        /* the disk is known to have it, or one like it */
	bool lost;        /* it was there, but cannot be read */
	/* Appends that followed each other, nobody else writing in between:
	 * before the first of them, and behind the last. Zeros: unknown. */
	struct mark_state since, left;
};

struct mark_state mark_state_of(const struct stat *st);
bool mark_state_is(const struct mark_state *a, const struct mark_state *b);

/* The file; `make` it when missing. Descriptor or -errno. */
int notes_open(const struct place *p, bool make) MUST_LOOK;

/* 1, 0 (there is no mark), or -errno. One that is lost says nothing is whole
 * or durable. */
int notes_mark(int notes, struct mark *ret) MUST_LOOK;
int notes_set_mark(int notes, const struct mark *m) MUST_LOOK;

/* All up to `upto` is on the disk; for the mark of that era only. Must not go
 * past a named delivery of that era that is not forgotten (notes_least): its
 * note may get lost, and then its seal has to be looked for. */
int notes_durable(int notes, uint64_t era, uint64_t upto) MUST_LOOK;

/* Where the first named delivery begins that is noted in that era (the notes of
 * earlier ones are on the disk); or UINT64_MAX. */
int notes_least(int notes, uint64_t era, uint64_t *ret) MUST_LOOK;

/* An era ends: the mailbox is or will be cut at `size`, or a boot has ended.
 * What is written there from now on is not yet durable, nor is what appends
 * that still wait for their flush will say. With what is behind `size` and the
 * notes on the disk, all that there are. On the disk before this returns. */
int notes_lower_mark(const struct place *p, int notes, struct mark *m,
		     uint64_t size) MUST_LOOK;

/* Before anything is appended or cut: see to it that the disk has the mark,
 * should its maker have died before he could. */
int notes_hold_mark(const struct place *p, int notes, struct mark *m) MUST_LOOK;

/* May a delivery be called so? Printable ASCII, no blank, or empty. */
bool notes_once_valid(struct slice once);

/* Is that delivery done (though perhaps not flushed)? 1, 0, or -errno. */
int notes_find(int notes, struct slice once) MUST_LOOK;
int notes_forget(int notes, struct slice once) MUST_LOOK;

/* It is written, from `start` on, in that era. */
int notes_add(int notes, struct slice once, uint64_t era,
	      uint64_t start) MUST_LOOK;

/* In another boot: forget those of this era, which may never have been
 * flushed. What is on the disk of them all the same, their seals tell. On the
 * disk before this returns: a later era would make them believed. */
int notes_distrust(int notes, uint64_t era) MUST_LOOK;

/* Every delivery that is noted. 0 or -errno. */
typedef void notes_seen(void *context, struct slice once);
int notes_walk(int notes, notes_seen *seen, void *context) MUST_LOOK;

/* A named delivery that is done. */
struct note {
	uint64_t us; /* when */
	uint64_t era, start;
	char once[NOTES_ONCE_MAX + 1];
};

/* One record; -EBADMSG when it is none, or was damaged. */
int notes_parse_mark(struct slice record, struct mark *ret) MUST_LOOK;
int notes_parse_once(struct slice record, struct note *ret) MUST_LOOK;
