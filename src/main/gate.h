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
	bool certificate;        /* there is one to show, or should be */
	struct tls *tls;         /* NULL: not loaded yet; or the handler's */
	struct tls_info info;    /* .version empty: in the clear */
	struct link *link;
	struct auth_hooks hooks;
};

/* What of the fence is inherited by fork (fence_process), once: by a session
 * or, accepts, by the acceptor of all. 0 or -errno. */
int gate_fence(struct handler *h, bool accepts) MUST_LOOK;

/* With --tls the handshake is made now. 0 or -errno, the log tells why; call
 * gate_close either way. */
int gate_open(struct gate *g, struct handler *h) MUST_LOOK;
void gate_close(struct gate *g);

/* The hook before STARTTLS and STLS are answered: `context` is the gate. 0, or
 * -errno, logged here: the handshake could only fail. */
int gate_ready(void *context);

/* The hook behind STARTTLS and STLS: `context` is the gate. A failure is
 * logged here. */
int gate_shake(void *context, struct stream *s, struct tls_info *ret);

/* The door's peer is another now: who judges logins has to know. */
void gate_new_scene(struct gate *g);

/* Is what is said now within TLS? */
bool gate_in_tls(const struct gate *g);

/* May STARTTLS be offered? */
bool gate_offers_tls(const struct gate *g);

/* May a password come as it is now? */
bool gate_plain_ok(const struct gate *g);
