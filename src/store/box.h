/* SPDX-License-Identifier: ISC */
/* A mailbox opened, locked and repaired. */
#pragma once

#include "store/lock.h"
#include "store/notes.h"

struct box {
	struct place place;
	int fd;
	dev_t dev; /* of the mailbox */
	ino_t inode;
	struct lock lock;
	int notes; /* < 0: there were none when it was last repaired */
	struct mark mark;
	bool marked; /* there was one then, `mark` */
};

#define BOX_NONE                                                               \
	((struct box){ .place = PLACE_NONE,                                    \
		       .fd = -1,                                               \
		       .lock = { .fd = -1 },                                   \
		       .notes = -1 })

/* make: the mailbox, for `owner` ((uid_t)-1: us), when there is none. 0;
 * -ENOENT; -EAGAIN (locks); -EACCES (owned by a stranger, or anybody may write
 * it); -errno of opening or of repairs. */
int box_open(const struct store *s, struct slice mailbox, bool make,
	     uid_t owner, struct box *ret) MUST_LOOK;

/* The same without repairs, for who wants to see what there is to repair; then
 * box_repair does them. */
int box_open_as_is(const struct store *s, struct slice mailbox,
		   struct box *ret) MUST_LOOK;
int box_repair(struct box *b) MUST_LOOK;

/* Only to look at it, where nothing can be written: a shared lock, and nothing
 * is repaired. -EROFS: a crash left something that would have to be. */
int box_open_to_read(const struct store *s, struct slice mailbox,
		     struct box *ret) MUST_LOOK;

/* Lock it again after box_unlock: the same file must still be the mailbox,
 * or -ESTALE. Repairs, unless it was opened to read. */
int box_lock(const struct store *s, struct box *b) MUST_LOOK;
void box_unlock(struct box *b);
void box_done(struct box *b);
