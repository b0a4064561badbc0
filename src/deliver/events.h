/* SPDX-License-Identifier: ISC */
/* What deliveries log. */
#pragma once

#include "base/log.h"
#include "mail/envelope.h"
#include "route/route.h"
#include "store/quota.h"

extern const struct log_kind deliver_event_accepted;  /* QUEUE_ID FROM SIZE
							 DETAIL */
extern const struct log_kind deliver_event_delivered; /* QUEUE_ID TO STATUS */
extern const struct log_kind deliver_event_deferred;  /* and DETAIL */
extern const struct log_kind deliver_event_failed;
extern const struct log_kind deliver_event_loop;
extern const struct log_kind deliver_event_dsn; /* QUEUE_ID TO DETAIL */
extern const struct log_kind deliver_event_dropped;

/* MAILBOX DETAIL REMEDY */
extern const struct log_kind deliver_event_bad_option;

/* A limit of that mailbox cannot be read; the default is in force. Nothing
 * where it can. */
void event_bad_option(const struct route_target *t);

/* MAILBOX DETAIL (share), and STATUS where it failed */
extern const struct log_kind deliver_event_warned;
extern const struct log_kind deliver_event_not_warned;

/* The owner was told that the mailbox fills up; with `error` he was not. */
void event_warned(const struct route_target *t, const struct usage *usage,
		  int error);

/* The message is ours; how: "mailbox", "queue". */
void event_accepted(const struct envelope *env, const char *how);

/* What became of one recipient. */
void event_recipient(const struct log_kind *kind, const struct envelope *env,
		     const struct recipient *r);

/* A notification about `env`, or none: to whom, and what it says. */
void event_dsn(const struct log_kind *kind, const struct envelope *env,
	       struct slice to, const char *what);
