/* SPDX-License-Identifier: ISC */
/* What the client's files share: client.c opens the conversation, client_tls.c
 * secures it, client_send.c sends a message in it. */
#pragma once

#include "smtp/client.h"

#define MECHANISMS_MAX 256
#define MINUTE_MS      (60 * 1000)

/* RFC 5321 §4.5.3.2 */
enum {
	WAIT_BANNER_MS = 5 * MINUTE_MS,
	WAIT_COMMAND_MS = 5 * MINUTE_MS,
	WAIT_DATA_MS = 2 * MINUTE_MS,
	WAIT_BLOCK_MS = 3 * MINUTE_MS,
	WAIT_END_MS = 10 * MINUTE_MS,
	WAIT_QUIT_MS = 2 * 1000,
	WAIT_HANDSHAKE_MS = 2 * MINUTE_MS, /* ours */
};

struct smtp_client {
	struct stream *stream;
	struct slice helo;
	struct arena *arena;
	unsigned offers;
	uint64_t size_max;               /* 0: not said */
	char mechanisms[MECHANISMS_MAX]; /* of AUTH, as offered */
	struct client_security security;
	struct tls_info tls;
	bool in_tls, tls_failed;
	bool login_refused; /* with 535, by the last attempt */
	bool broken;
	bool dirty; /* a transaction may be open over there */
};

/* What we say of ourselves: "4.4.2", a literal. */
struct outcome client_outcome(const char *status, const char *text);

/* EHLO, or HELO if that is refused; what it offers is all that is offered. */
struct outcome client_hello(struct smtp_client *c);

/* STARTTLS, and all that the policy wants of it: client_tls.c. */
struct outcome client_secure(struct smtp_client *c);

/* The handshake alone. */
struct outcome client_shake(struct smtp_client *c);

/* The connection is of no use any more: -ETIMEDOUT, -EPROTO, … */
struct outcome client_lost(struct smtp_client *c, int error);

/* The peer's words, fit for a log and a DSN, in the arena. */
struct slice client_text(struct smtp_client *c, const struct reply *r);

/* The next reply. yes: the class that is expected here (2; 3 behind DATA); a
 * yes of another class is out of step, and the connection ends. */
struct outcome client_hear(struct smtp_client *c, int64_t wait_ms,
			   unsigned yes);
