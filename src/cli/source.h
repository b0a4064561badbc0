/* SPDX-License-Identifier: ISC */
/* Where `postern mailbox import` has its messages from: an mbox or a Maildir.
 * Nothing there is changed. */
#pragma once

#include "cli/spool.h"

/* One of them; its bytes, LF lines, are in the spool. Slices are valid until
 * the next one is loaded. */
struct source_message {
	struct slice sender; /* empty: unknown */
	int64_t real_us;     /* when it was delivered; 0: unknown */
	struct slice head;   /* to be put in front */
};

struct source {
	size_t n;        /* messages, */
	size_t left_out; /* and those that were marked as deleted */
	int (*load)(struct source *s, size_t i, struct spool *spool,
		    struct source_message *ret);
	void (*free)(struct source *s);
};

/* An mbox: `file`, or (NULL) all of `in`. 0; -EBADMSG (it is none); -errno. */
int source_mbox(const char *file, FILE *in, struct source **ret) MUST_LOOK;

/* A Maildir, in the order of its file names. 0 or -errno. */
int source_maildir(const char *directory, struct source **ret) MUST_LOOK;

/* Drops the CR of every CRLF; an mboxrd_out like any other. */
struct source_lines {
	bool crlf; /* do so */
	bool held; /* a CR is */
	int (*out)(void *context, struct slice bytes);
	void *context;
};
int source_lines_put(void *context, struct slice bytes) MUST_LOOK;
int source_lines_end(struct source_lines *l) MUST_LOOK;
