/* SPDX-License-Identifier: ISC */
/* A session's line to postern-authd: by its socket or, where there is none (a
 * pipe, xinetd), as a child of ours. The handler sees no password but the one
 * that the client gives, and no hash at all. */
#pragma once

#include "auth/steps.h"
#include "conf/settings.h"
#include "conf/users.h"

struct auth_link;

/* What stays the same all the time; borrowed. */
struct auth_link_config {
	const struct settings *settings;
	const char *conf;     /* the configuration's path, for a child */
	const char *service;  /* "smtp", "pop3" */
	struct slice peer_ip; /* text; empty: a pipe */
	struct slice session;
};

/* NULL: out of memory. Nothing is connected yet. */
struct auth_link *auth_link_new(const struct auth_link_config *c);
void auth_link_free(struct auth_link *l);

/* What the connection is now; call it again when TLS begins. */
struct auth_link_state {
	bool plain; /* a password may come as it is */
	bool quiet; /* no logins at all now */
	const unsigned char *binding;
	size_t binding_n; /* 0: none */
	struct slice external;
};
void auth_link_set(struct auth_link *l, const struct auth_link_state *s);

/* The hooks; they borrow `l`. */
struct auth_hooks auth_link_hooks(struct auth_link *l);

/* Who it is, after AUTH_STEP_YES; no hash in it. */
const struct user *auth_link_user(const struct auth_link *l);
