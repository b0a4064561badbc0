/* SPDX-License-Identifier: ISC */
/* The verbs of `postern mailbox`. */
#pragma once

#include "cli/desk.h"
#include "store/store.h"

cli_run mailbox_stat;
cli_run mailbox_check;
cli_run mailbox_export;
cli_run mailbox_import;
cli_run mailbox_uidl;

extern const char mailbox_usage[];

/* The settings, and the mail directory they name. Files that are made
 * meanwhile are for the group mail too. */
struct mailbox_desk {
	struct desk desk;
	struct store *store;
	mode_t umask; /* of before */
};

/* CLI_OK, or the exit status once c->err says why. Call _done either way. */
int mailbox_desk_open(struct cli *c, struct mailbox_desk *ret) MUST_LOOK;
void mailbox_desk_done(struct mailbox_desk *d);

/* What export and import are told: MAILBOX, and where else the mail is. 0 or
 * -EINVAL. */
struct mailbox_words {
	const char *mailbox;
	const char *mbox, *maildir; /* or NULL */
};
int mailbox_words(int argc, char **argv, struct mailbox_words *ret) MUST_LOOK;

/* The mailbox that a word of the command line means: a user's, by the users
 * file, or the path itself. In the desk's arena; whether there is one remains
 * to be seen. ret_owner: whom it is to belong to when it must be made (may be
 * NULL). CLI_OK, or the exit status once c->err says why. */
int mailbox_named(struct cli *c, struct mailbox_desk *d, const char *word,
		  struct slice *ret, uid_t *ret_owner) MUST_LOOK;

/* "MAILBOX: what" on c->err; CLI_FAILED. */
int mailbox_fail(struct cli *c, struct slice mailbox, int error);

/* Do it with each mailbox that is named, or with all: `words` is empty or
 * NULL-ended. The worst exit status. */
typedef int mailbox_work(struct cli *c, struct mailbox_desk *d,
			 struct slice mailbox, void *context);
int mailbox_each(struct cli *c, struct mailbox_desk *d, bool all, char **words,
		 mailbox_work *work, void *context) MUST_LOOK;
