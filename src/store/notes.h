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

#include "store/place.h"

#define NOTES_RECORD   512
#define NOTES_ONCE_MAX 63
#define NOTES_MOST     4096 /* named deliveries; the oldest has to go */

struct mark {
	uint64_t era;     /* of `durable`: ends when the file is cut below it */
	uint64_t whole;   /* no torn message before here, seen in that boot */
	uint64_t durable; /* what is before here was flushed */
	char boot[40];    /* "-": unknown, like no other */
};

/* The file; `make` it when missing. Descriptor or -errno. */
int notes_open(const struct place *p, bool make) MUST_LOOK;

/* 1, 0 (there is no mark), or -errno. */
int notes_mark(int notes, struct mark *ret) MUST_LOOK;
int notes_set_mark(int notes, const struct mark *m) MUST_LOOK;

/* All up to `upto` is on the disk; for the mark of that era only. */
int notes_durable(int notes, uint64_t era, uint64_t upto) MUST_LOOK;

/* The mailbox is or will be cut at `size`: what is written there from now on is
 * not yet durable, nor is what appends that still wait for their flush will
 * say. On the disk before this returns. */
int notes_lower_mark(int notes, struct mark *m, uint64_t size) MUST_LOOK;

/* The first mark of a mailbox: likewise, with the file's name. */
int notes_first_mark(const struct place *p, int notes,
		     const struct mark *m) MUST_LOOK;

/* May a delivery be called so? Printable ASCII, no blank, or empty. */
bool notes_once_valid(struct slice once);

/* Is that delivery done? 1, 0, or -errno. */
int notes_find(int notes, struct slice once) MUST_LOOK;
int notes_add(int notes, struct slice once) MUST_LOOK;
int notes_forget(int notes, struct slice once) MUST_LOOK;

/* One record; -EBADMSG when it is none, or was damaged. */
int notes_parse_mark(struct slice record, struct mark *ret) MUST_LOOK;
int notes_parse_once(struct slice record, char ret[NOTES_ONCE_MAX + 1],
		     uint64_t *ret_us) MUST_LOOK;
