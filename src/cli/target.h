/* SPDX-License-Identifier: ISC */
/* Where `postern mailbox export` writes messages to: an mbox or a Maildir. */
#pragma once

#include "mail/mboxrd.h"

/* Of one message. */
struct target_message {
	struct slice sender; /* by its From_ line */
	struct slice from;   /* that line, without its end */
	int64_t real_us;
	bool read;
};

struct target {
	/* A message begins; its bytes, unquoted; and it ends. */
	int (*begin)(struct target *t, const struct target_message *m);
	int (*put)(struct target *t, struct slice bytes);
	int (*end)(struct target *t);
	/* All is there: make it durable. */
	int (*finish)(struct target *t);
	/* Without `finish` before: take back what can be. */
	void (*free)(struct target *t);
};

/* A file that must not be there yet, or (NULL) `out`: mboxrd. 0 or -errno. */
int target_mbox(const char *file, FILE *out, struct target **ret) MUST_LOOK;

/* A Maildir, made when it is not there; each message goes through its tmp. 0
 * or -errno. */
int target_maildir(const char *directory, struct target **ret) MUST_LOOK;
