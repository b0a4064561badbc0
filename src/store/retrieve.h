/* SPDX-License-Identifier: ISC */
/* One message out of the mailbox as POP3 gives it out: unquoted, CRLF. It is
 * read without a lock; should the mailbox have changed when a piece of it had
 * been read, that piece is read again with the mailbox locked. */
#pragma once

#include <sys/stat.h>

#include "mail/mboxrd.h"
#include "store/index.h"

/* Where a message is had from. */
struct source {
	int fd;
	const struct stat *state; /* of the mailbox, when the message was known
				     to stand there */
	void *context;
	/* Lock it and make sure that the message stands there. 0 or -errno. */
	int (*lock)(void *context);
	/* *state becomes what it is now. */
	void (*unlock)(void *context);
};

/* As maildrop_read; stuff: as maildrop_send. */
int retrieve(const struct source *from, const struct index_entry *m,
	     size_t body_lines, bool stuff, mboxrd_out *out,
	     void *context) MUST_LOOK;
