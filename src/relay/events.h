/* SPDX-License-Identifier: ISC */
/* What a retry run logs. Each recipient event carries QUEUE_ID, FROM, TO,
 * REMOTE, STATUS, DETAIL, TLS. */
#pragma once

#include "base/log.h"
#include "mail/envelope.h"

extern const struct log_kind relay_event_relayed;
extern const struct log_kind relay_event_deferred;
extern const struct log_kind relay_event_failed;
extern const struct log_kind relay_event_expired;
/* Opportunistic TLS came to nothing: REMOTE, DETAIL. */
extern const struct log_kind relay_event_no_tls;
/* AUTH at a smarthost failed: REMOTE, USER (the name in auth=), DETAIL. */
extern const struct log_kind relay_event_no_login;
/* A worker process ended other than it should: REMOTE (its next hop). */
extern const struct log_kind relay_event_worker_died;
/* We could not write what we know: QUEUE_ID, STATUS. */
extern const struct log_kind relay_event_trouble;

void relay_log_recipient(const struct log_kind *kind,
			 const struct envelope *env, const struct recipient *r,
			 struct slice tls);
void relay_log_no_tls(struct slice remote, struct slice why);
void relay_log_no_login(struct slice remote, struct slice name,
			struct slice why);
void relay_log_worker_died(struct slice next_hop);
void relay_log_trouble(struct slice id, int error);
