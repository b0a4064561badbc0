/* SPDX-License-Identifier: ISC */
/* Where a POP3 session gets its mailbox: who has logged in, his maildrop, and
 * how full it is. */
#pragma once

#include "conf/settings.h"
#include "main/gate.h"
#include "pop3/session.h"

struct counter {
	const struct settings *settings; /* borrowed */
	struct store *store;             /* borrowed */
	struct gate *gate;               /* borrowed */
	struct slice session;            /* for the log */
	struct buf fill;
};

/* Call counter_done in the end. */
void counter_open(struct counter *c, const struct settings *settings,
		  struct store *store, struct gate *gate, struct slice session);
void counter_done(struct counter *c);

/* The hooks; they borrow `c`. */
struct pop3_hooks counter_hooks(struct counter *c);
