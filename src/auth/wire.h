/* SPDX-License-Identifier: ISC */
/* The lines between a handler and postern-authd (doc/auth.md). A line ends
 * with LF; words with one blank between; what may hold anything is base64.
 *
 *     HELLO service=smtp peer=192.0.2.1 session=… plain=1 tls=1
 *           binding=BASE64 external=BASE64          -> MECHANISMS …
 *     BEGIN mechanism [initial]                     -> a step
 *     NEXT [response]                               -> a step
 *     CANCEL                                        -> MECHANISMS …
 *     PASSWORD name password  (both base64)         -> a step
 *
 * A step: MORE [challenge], YES name mailbox options (base64, "=" for empty),
 * NO, AGAIN, WAIT, MALFORMED, NO_MECHANISM, NEED_TLS. */
#pragma once

#include "auth/steps.h"
#include "base/arena.h"
#include "base/buf.h"
#include "conf/users.h"

#define AUTH_WIRE_MAX    13312 /* octets of a line, LF included */
#define AUTH_BINDING_MAX 64

/* What a session is like just now. */
struct auth_scene {
	struct slice service; /* "smtp", "pop3" */
	struct slice peer_ip; /* text; empty: none */
	struct slice session;
	bool plaintext; /* plaintext passwords may be taken */
	bool tls;
	struct slice binding;  /* tls-exporter's bytes; empty: none */
	struct slice external; /* proven name: a certificate's; or empty */
};

enum wire_verb {
	WIRE_HELLO,
	WIRE_BEGIN,
	WIRE_NEXT,
	WIRE_CANCEL,
	WIRE_PASSWORD,
};

struct wire_request {
	enum wire_verb verb;
	struct auth_scene scene;
	struct slice mechanism;
	struct slice text; /* initial (.p NULL: none) or response, base64 */
	struct slice name, password;
};

/* A line without its LF. 0, -EINVAL, or -ENOMEM; all lives in `arena` or the
 * line. */
int wire_request(struct slice line, struct arena *arena,
		 struct wire_request *ret) MUST_LOOK;

/* Append a request with its LF. 0, or as buf_put. */
int wire_put_request(struct buf *b, const struct wire_request *q) MUST_LOOK;

/* Likewise a step. text: MORE's challenge; user: with YES. */
int wire_put_step(struct buf *b, enum auth_step step, struct slice text,
		  const struct user *user) MUST_LOOK;
int wire_step(struct slice line, struct arena *arena, enum auth_step *ret,
	      struct slice *ret_text, struct user *ret_user) MUST_LOOK;

/* Is it made of base64's characters alone (perhaps "=")? */
bool wire_is_base64(struct slice s);

/* .p NULL: not base64, or no memory. */
struct slice wire_decode(struct slice text, struct arena *arena);
