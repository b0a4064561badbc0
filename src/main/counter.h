/* SPDX-License-Identifier: ISC */
/* Where a POP3 session gets its mailbox, when it is known who has logged in:
 * his maildrop, and how full it is. Nothing but that mailbox is in reach from
 * then on. */
#pragma once

#include "conf/settings.h"
#include "conf/users.h"
#include "pop3/session.h"

struct counter {
	const struct settings *settings; /* borrowed */
	struct store *store;             /* borrowed */
	struct slice session;            /* for the log */
	struct buf fill;
};

/* Call counter_done in the end. */
void counter_open(struct counter *c, const struct settings *settings,
		  struct store *store, struct slice session);
void counter_done(struct counter *c);

/* *ret borrows from `user` and `c`. */
enum pop3_login counter_enter(struct counter *c, const struct user *user,
			      struct pop3_entrance *ret);
