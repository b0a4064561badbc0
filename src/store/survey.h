/* SPDX-License-Identifier: ISC */
/* What messages a mailbox holds, and where: read from the file today, from an
 * index beside it one day. */
#pragma once

#include "mail/mboxrd.h"
#include "store/maildrop.h"

/* One message, compact: a large mailbox has many. */
struct surveyed {
	uint64_t from, start, body, end, next, octets;
	char uid[MAILDROP_UID_MAX - 26]; /* 32 hex digits, '.', a number */
	bool read;
};

struct survey {
	struct surveyed *messages;
	size_t n, room;
	/* the file as it was */
	uint64_t size, inode;
	struct timespec changed;
};

/* Read the mailbox, which is locked. 0, -EBADMSG, -ENOMEM, -errno. */
int survey_take(int fd, struct survey *ret) MUST_LOOK;
void survey_done(struct survey *s);

/* Is the file still as it was surveyed? */
bool survey_holds(const struct survey *s, int fd);
