/* SPDX-License-Identifier: ISC */
/* One queue file, opened and understood; the room's own. */
#pragma once

#include "queue/spool.h"

struct queue_item {
	struct queue *queue;
	int fd; /* holds the lock where the item is claimed */
	char path[SPOOL_PATH_MAX];
	struct arena *arena;
	struct arena *states; /* after a refresh; NULL before */
	struct envelope env;
	uint64_t start;  /* of the message */
	uint64_t length; /* of the message */
};

/* Understand what lies behind `fd`, which the item owns from now on; on
 * failure it is closed. 0, -EBADMSG, or -errno. */
int item_load(struct queue *q, int fd, const char *path,
	      struct queue_item **ret) MUST_LOOK;

/* Open, lock, and make sure that `path` still names what was locked. 0,
 * -ENOENT (gone meanwhile), -EAGAIN (somebody else's), -EBADMSG, or -errno. */
int item_claim(struct queue *q, const char *path,
	       struct queue_item **ret) MUST_LOOK;

/* Can this error of opening or loading only be cured by a person? */
bool item_is_bad(int error);
