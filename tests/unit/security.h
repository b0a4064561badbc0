/* SPDX-License-Identifier: ISC */
/* TLS and logins for the engines' tests, without either: a "handshake" after
 * which the session reads another text, and passwords that anybody can read. */
#pragma once

#include "auth/steps.h"
#include "net/stream.h"
#include "net/tls.h"

struct security {
	const char *mechanisms;
	const char *inside; /* what the client says within TLS */
	size_t chunk;       /* in pieces of so many octets; 0: at once */
	int tls_error;      /* of the handshake */
	int unready;        /* before it */
	struct slice left;
	struct stream_below below;
	unsigned handshakes, begun, responses, cancelled, passwords, expected;
	enum auth_step password; /* what a password gets */
	bool second;             /* LOGIN: the name has been said */
	char name[64], word[64]; /* the last that was given */
};

/* The mechanisms PLAIN (one response) and LOGIN (two), with responses
 * c2VjcmV0 (yes), d3Jvbmc= (no), bGF0ZXI= (again), d2FpdA== (wait); what is no
 * base64 is malformed. NEEDY wants TLS. Who it is: alice. */
struct auth_hooks security_auth(struct security *s);

/* As a tls_ready hook, whose context is a struct security. */
int security_ready(void *context);

/* As a starttls hook, whose context is a struct security. */
int security_handshake(void *context, struct stream *s, struct tls_info *ret);
