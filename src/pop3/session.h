/* SPDX-License-Identifier: ISC */
/* The POP3 server as an engine: RFC 1939, 2449, 3206, 6856. A stream, the
 * settings, and hooks. */
#pragma once

#include "auth/steps.h"
#include "net/dialogue.h"
#include "net/tls.h"
#include "store/maildrop.h"

enum pop3_login {
	POP3_LOGIN_OK,
	POP3_LOGIN_AWAY, /* another process goes on from here */
	POP3_LOGIN_IN_USE,
	POP3_LOGIN_DELAY,
	POP3_LOGIN_TEMP, /* [SYS/TEMP] */
	POP3_LOGIN_PERM, /* [SYS/PERM] */
};

struct pop3_hooks {
	void *context;
	const struct auth_hooks *auth; /* who is it? */
	/* The maildrop of who has just logged in, open: the session's until it
	 * calls maildrop_close. *ret_fill: how full it is, "40 % of 1 GB",
	 * valid until the next call; untouched where there is no limit. */
	enum pop3_login (*enter)(void *context, struct maildrop **ret,
				 struct slice *ret_fill);
	/* Before STLS is answered: 0, or -errno for [SYS/TEMP], and the
	 * session goes on in the clear. May be NULL. */
	int (*tls_ready)(void *context);
	/* The handshake behind STLS, on the session's stream. 0, or -errno
	 * with ret->trouble: then the session ends. NULL: not offered. */
	int (*stls)(void *context, struct stream *s, struct tls_info *ret);
	/* Can a password be given now? Else USER is not offered. */
	bool (*plain_ok)(void *context);
	/* QUIT's deletions are decided: from now on nothing may keep us from
	 * carrying them out, neither a client that hangs up nor who asks us to
	 * end. May be NULL. */
	void (*decided)(void *context);
};

/* Where a session begins that another process has led to its login. */
struct pop3_entrance {
	struct slice name;         /* of who has logged in */
	struct maildrop *maildrop; /* the session's from now on */
	struct slice fill;         /* as pop3_hooks.enter gives it */
};

struct pop3_config {
	struct slice host;
	struct slice peer_ip;
	struct slice session;
	uint64_t logins_max;
	uint64_t login_delay_s; /* for CAPA */
	int64_t idle_ms, session_ms;
	const struct pop3_entrance *entrance; /* NULL: it begins at the
						 greeting */
	const struct tls_info *tls; /* in TLS from the first octet; or NULL */
	bool lenient;
};

/* 0, or -errno when the stream failed. */
int pop3_serve(struct stream *s, const struct pop3_config *c,
	       const struct pop3_hooks *h) MUST_LOOK;

/* "-ERR [SYS/TEMP] …" and the end: broken configuration. */
void pop3_refuse(struct stream *s, const char *text);
