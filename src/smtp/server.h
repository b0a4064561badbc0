/* SPDX-License-Identifier: ISC */
/* The SMTP server as an engine: RFC 5321, 6409. It has a stream, the settings
 * it was given and the hooks below; it knows no descriptor, no file, no
 * environment. */
#pragma once

#include "auth/steps.h"
#include "base/peer.h"
#include "mail/addr.h"
#include "mail/envelope.h"
#include "net/dialogue.h"
#include "net/tls.h"
#include "smtp/reply.h"

enum smtp_role {
	SMTP_MX,         /* port 25 */
	SMTP_SUBMISSION, /* 587: RFC 6409; only known peers may send at all */
	SMTP_LOCAL,      /* Unix socket: the peer's uid is its name */
};

struct smtp_config;

/* XCLIENT: a peer that may do so says whom it speaks for. */
struct smtp_xclient {
	void *context;
	/* From now on the peer is `client` (PEER_NONE: one whose address is
	 * not known; NULL: the same as before), and `login` has logged in, or
	 * nobody, when it is empty. *ret: what the session goes by from here
	 * on. 0, or -errno: then the session ends. */
	int (*stand_in)(void *context, const struct peer *client,
			struct slice login, struct smtp_config *ret);
};

/* Who asks whether the peer may go on, before and behind the hooks. */
struct smtp_guard {
	void *context;
	/* Before the greeting: REPLY_BANNER, or the one reply there is. */
	struct verdict (*connect)(void *context);
	/* What it calls itself, each time it does. */
	void (*helo)(void *context, struct slice name);
	/* From now on it is `login` who sends. */
	void (*login)(void *context, struct slice login);
	/* MAIL and RCPT, before the hooks are asked: REPLY_OK, or why not. */
	struct verdict (*mail)(void *context);
	struct verdict (*rcpt)(void *context);
	/* RCPT, when they have answered: that answer, or another. With any but
	 * REPLY_RCPT_OK the recipient is taken back. A detail must last until
	 * the next call. */
	struct verdict (*answered)(void *context, struct slice from,
				   struct slice to, struct verdict v);
	/* The peer's name, as far as it is known and leads back to it; empty:
	 * not. */
	struct slice (*peer_name)(void *context);
};

struct smtp_hooks {
	void *context;
	/* MAIL: may this reverse-path send here? Reset what was. */
	struct verdict (*mail)(void *context, const struct addr *from,
			       uint64_t size);
	/* RCPT: where to? On REPLY_RCPT_OK one or more recipients (final
	 * targets) have been added to `env`, which lives in `arena`; orcpt and
	 * notify are copied to each. */
	struct verdict (*rcpt)(void *context, const struct addr *to,
			       const struct recipient *asked,
			       struct envelope *env, struct arena *arena);
	/* The message: begin, bytes (LF lines; our Received line comes
	 * first), commit. Errors are negative errnos; -ELOOP from commit is
	 * REPLY_LOOP, -EDQUOT REPLY_MAILBOX_FULL, -E2BIG
	 * REPLY_MAILBOX_TOO_SMALL. After begin exactly one of commit and abort
	 * is called. */
	int (*begin)(void *context, struct envelope *env);
	int (*write)(void *context, struct slice bytes);
	int (*commit)(void *context, uint64_t octets);
	void (*abort)(void *context);
	/* Before STARTTLS is answered: 0, or -errno for 454, and the session
	 * goes on in the clear. May be NULL. */
	int (*tls_ready)(void *context);
	/* The handshake behind STARTTLS, on the session's stream. 0, or -errno
	 * with ret->trouble: then the session ends. NULL: not offered. */
	int (*starttls)(void *context, struct stream *s, struct tls_info *ret);
	/* From now on it is `login` who sends; an empty one: nobody. May be
	 * NULL. */
	void (*login)(void *context, struct slice login);
	const struct auth_hooks *auth;      /* NULL: no logins */
	const struct smtp_xclient *xclient; /* NULL: never offered */
	const struct smtp_guard *guard;     /* NULL: all may go on */
};

struct smtp_config {
	enum smtp_role role;
	struct slice host;          /* our name */
	struct slice peer_ip;       /* text, or empty: a pipe */
	struct slice peer_literal;  /* "192.0.2.1", "IPv6:…" for Received */
	struct slice login;         /* known already (local socket), or empty */
	struct slice session;       /* id for the log */
	const struct tls_info *tls; /* in TLS from the first octet; or NULL */
	bool need_tls;              /* no login and no mail without (RFC 3207
				       §4: not for port 25) */
	bool may_xclient;           /* XCLIENT is for this peer */
	bool may_relay;             /* a trusted network or a login */
	bool lenient;               /* input is a file or terminal: LF ends a
				       command or text line too */
	uint64_t message_max, recipients_max, errors_max, commands_max;
	uint64_t text_line_max, hops_max, logins_max;
	int64_t command_ms, data_ms, session_ms, greet_wait_ms;
	uint64_t tarpit_ms, tarpit_max_ms; /* before each 5xx; 0: none */
};

/* The whole session, from banner to the end. 0, or -errno when the stream
 * failed. */
int smtp_serve(struct stream *s, const struct smtp_config *c,
	       const struct smtp_hooks *h) MUST_LOOK;

/* A session that consists of one reply (421 …) and the end: broken
 * configuration, too many connections. */
void smtp_refuse(struct stream *s, struct slice host, enum reply_id why);
