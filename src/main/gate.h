/* SPDX-License-Identifier: ISC */
/* What stands between a stranger and a session: TLS and logins, as the door,
 * the settings and the certificates allow them. Nothing is loaded and nobody
 * is asked before a client wants it. */
#pragma once

#include "auth/link.h"
#include "main/handler.h"
#include "net/tls.h"

#define GATE_ANSWER_MS                                                         \
	30000 /* for postern-authd; PAM takes seconds to say no                \
	       */

struct gate {
	struct handler *handler; /* borrowed */
	const char *service;     /* "smtp", "pop3" */
	bool certificate;        /* there is one to show */
	struct tls *tls;         /* NULL: not loaded yet */
	struct tls_info info;    /* .version empty: in the clear */
	struct link *link;
	struct auth_hooks hooks;
};

/* Before the fence: see to it that postern-authd can be started where nothing
 * listens on its socket. 0 or -errno. */
int gate_prepare(struct handler *h) MUST_LOOK;

/* service: "smtp" or "pop3". With --tls the handshake is made now. 0 or
 * -errno, the log tells why; call gate_close either way. */
int gate_open(struct gate *g, struct handler *h, const char *service) MUST_LOOK;
void gate_close(struct gate *g);

/* The hook behind STARTTLS and STLS: `context` is the gate. A failure is
 * logged here. */
int gate_shake(void *context, struct stream *s, struct tls_info *ret);

/* May STARTTLS be offered? */
bool gate_offers_tls(const struct gate *g);

/* May a password come as it is now? */
bool gate_plain_ok(const struct gate *g);
