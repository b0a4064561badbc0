/* SPDX-License-Identifier: ISC */
/* The POP3 server as an engine: RFC 1939, 2449, 3206, 6856. A stream, the
 * settings, and hooks. */
#pragma once

#include "net/dialogue.h"
#include "store/maildrop.h"

enum pop3_login {
	POP3_LOGIN_OK,
	POP3_LOGIN_NO, /* [AUTH] */
	POP3_LOGIN_IN_USE,
	POP3_LOGIN_DELAY,
	POP3_LOGIN_TEMP, /* [SYS/TEMP] */
	POP3_LOGIN_PERM, /* [SYS/PERM] */
};

struct pop3_hooks {
	void *context;
	/* Who is it, and the maildrop, open: the session's until it calls
	 * maildrop_close. *ret_fill: how full it is, "40 % of 1 GB", valid
	 * until the next call; untouched where there is no limit. */
	enum pop3_login (*login)(void *context, struct slice user,
				 struct slice password, struct maildrop **ret,
				 struct slice *ret_fill);
	/* QUIT's deletions are decided: from now on nothing may keep us from
	 * carrying them out, neither a client that hangs up nor who asks us to
	 * end. May be NULL. */
	void (*decided)(void *context);
};

struct pop3_config {
	struct slice host;
	struct slice peer_ip;
	struct slice session;
	uint64_t logins_max;
	uint64_t login_delay_s; /* for CAPA */
	int64_t idle_ms, session_ms;
	bool lenient;
	bool plain_ok; /* USER is offered; false: only on TLS (later) */
};

/* 0, or -errno when the stream failed. */
int pop3_serve(struct stream *s, const struct pop3_config *c,
	       const struct pop3_hooks *h) MUST_LOOK;

/* "-ERR [SYS/TEMP] …" and the end: broken configuration. */
void pop3_refuse(struct stream *s, const char *text);
