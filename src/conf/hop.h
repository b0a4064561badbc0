/* SPDX-License-Identifier: ISC */
/* A next hop as postern-routes(5) and the smarthost write it: a host, and how
 * it is spoken to. Text alone; asks nobody. */
#pragma once

#include "base/arena.h"

/* How much TLS: each wants what those before it want, and more. RFC 3207. */
enum tls_policy {
	TLS_NEVER,
	TLS_OPPORTUNISTIC, /* where offered, else in the clear (RFC 7435) */
	TLS_REQUIRED,      /* encrypted, whoever it is */
	TLS_VERIFY,        /* and the certificate is good for its name */
};

/* "never", "opportunistic", "required", "verify". */
bool tls_policy_parse(struct slice word, enum tls_policy *ret);

#define HOP_IMPLICIT_PORT 465 /* submissions, RFC 8314 §7.3 */

struct hop {
	struct slice host;   /* a name or an IP address; empty: the domain's */
	bool fixed;          /* in brackets: no MX */
	uint16_t port;       /* 0: not said */
	bool tls_said;       /* tls= stands there */
	enum tls_policy tls; /* if so */
	bool implicit;       /* TLS from the first octet */
	struct slice name;   /* whom the certificate names; empty: the host */
	struct slice login;  /* auth=, in the credentials; may be empty */
};

/* "[192.0.2.1]:2525", "mx.example", "mx.example:587", "[mx.example]", ":2525",
 * and behind it, in any order and each once, tls=POLICY, implicit, name=HOST,
 * auth=NAME. False: it is none, or contradicts itself. */
bool hop_parse(struct slice value, struct hop *ret);

/* One spelling for all that can share a connection, which hop_parse takes.
 * domain: the host, where the hop names none. SLICE_NONE: out of memory. */
struct slice hop_spell(struct slice domain, const struct hop *h,
		       struct arena *arena);
