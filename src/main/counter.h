/* SPDX-License-Identifier: ISC */
/* Where a POP3 session gets its mailbox: who is it, his maildrop, and how full
 * it is. */
#pragma once

#include "auth/steps.h"
#include "conf/settings.h"
#include "conf/users.h"
#include "main/guard.h"
#include "pop3/session.h"

struct counter {
	const struct settings *settings; /* borrowed */
	struct store *store;             /* borrowed */
	struct guard *guard;             /* borrowed */
	struct arena *login;             /* of one attempt */
	struct user user;                /* who logged in; in that arena */
	struct auth_hooks auth;
	struct slice session;            /* for the log */
	struct buf fill;
};

/* 0 or -ENOMEM. Call counter_done either way. */
int counter_open(struct counter *c, const struct settings *settings,
		 struct store *store, struct slice session,
		 struct guard *guard) MUST_LOOK;
void counter_done(struct counter *c);

/* The hooks; they borrow `c`. */
struct pop3_hooks counter_hooks(struct counter *c);
