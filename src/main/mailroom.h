/* SPDX-License-Identifier: ISC */
/* The hooks behind an SMTP session: RCPT asks route, the message goes to
 * deliver. Between the protocol, which knows no files, and the rooms that
 * know no protocol. */
#pragma once

#include "deliver/deliver.h"
#include "smtp/server.h"

struct mailroom {
	const struct settings *settings;
	struct store *store;
	pid_t keeper; /* hire.h; 0: none, the store is our own */
	struct queue *queue;
	struct route *route;
	struct deliver *deliver;
	struct gate *gate;         /* borrowed: TLS */
	struct incoming *incoming; /* between begin and commit or abort */
	int biff;                  /* biff.h's socket, or -1 */
	bool may_relay;
	struct arena *sender; /* of one judgement */
	struct buf login;     /* who has logged in; empty: nobody */
	uint64_t size;        /* of the message, as MAIL declared it; 0: not */
};

/* The socket of biff.h, to be opened before the fence; -1: it is not wanted, or
 * not to be had. */
int mailroom_biff(const struct settings *settings);

/* Open what the settings name. store: where it is open already, or NULL; biff:
 * mailroom_biff's; both the mailroom's from now on. 0 or -errno; *ret_what says
 * which part failed
 * ("the mail directory"). On failure call mailroom_close all the same. */
int mailroom_open(struct mailroom *m, const struct settings *settings,
		  struct store *store, int biff,
		  const char **ret_what) MUST_LOOK;

/* The hooks; they borrow `m`. */
struct smtp_hooks mailroom_hooks(struct mailroom *m);

/* XCLIENT: from now on it is `login` who sends (empty: nobody), and this is
 * what it may. 0 or -errno. */
int mailroom_stand_in(struct mailroom *m, struct slice login,
		      bool may_relay) MUST_LOOK;

void mailroom_close(struct mailroom *m);
