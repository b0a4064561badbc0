/* SPDX-License-Identifier: ISC */
/* The other side of a login: ours, at another host. SCRAM-SHA-256 with and
 * without channel binding (RFC 5802, 7677, 9266), PLAIN (4616), LOGIN. Never
 * logs; wipes what it was given when it is freed. */
#pragma once

#include "base/arena.h"

struct auth_client;

struct auth_client_config {
	const char *user, *password;
	struct slice offered; /* mechanisms, blanks between */
	struct slice binding; /* tls-exporter's bytes; empty: none */
};

/* Choose the best that is offered: what does not show the password comes
 * first. 0; -ENOTSUP: none of ours is; -ENOENT: postern-sasl.so cannot be
 * loaded; -ENOMEM. */
int auth_client_new(const struct auth_client_config *config,
		    struct auth_client **ret) MUST_LOOK;
void auth_client_free(struct auth_client *a);

const char *auth_client_mechanism(const struct auth_client *a);

/* Does it begin with a response of ours? RFC 4954 §4: the initial one. */
bool auth_client_begins(const struct auth_client *a);

/* The answer to a challenge, both base64; valid until the next call. 0, or
 * -EPROTO: it cannot be understood, or the host is not whom the password
 * belongs to. */
int auth_client_step(struct auth_client *a, struct slice challenge,
		     struct slice *ret) MUST_LOOK;

/* May the host's yes be believed? With SCRAM not before it has shown that it
 * knows the password too. */
bool auth_client_done(const struct auth_client *a);
