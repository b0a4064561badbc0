/* SPDX-License-Identifier: ISC */
/* The SMTP client as an engine: one connection, many messages; extensions as
 * the peer offers them. Never sends a bare LF or CR. */
#pragma once

#include "conf/hop.h"
#include "mail/envelope.h"
#include "net/tls.h"
#include "smtp/reply.h"

struct smtp_client;

/* Extensions the peer offered. */
enum {
	CLIENT_PIPELINING = 1,
	CLIENT_SIZE = 2,
	CLIENT_8BITMIME = 4,
	CLIENT_SMTPUTF8 = 8,
	CLIENT_CHUNKING = 16,
	CLIENT_DSN = 32,
	CLIENT_ENHANCED = 64,
	CLIENT_STARTTLS = 128,
	CLIENT_REQUIRETLS = 256,
};

/* What came of one step or one recipient. */
struct outcome {
	enum { OUTCOME_OK, OUTCOME_LATER, OUTCOME_NEVER } kind;
	char status[12];   /* "4.4.2", always set */
	struct slice text; /* for DSN and log; in the client's arena, valid
			      until the next call */
	bool from_peer;    /* text is the peer's own reply */
};

/* The stream is the client's from now on. session_ms bounds the waits:
 * RFC 5321 §4.5.3.2's values are the defaults. */
struct smtp_client *smtp_client_new(struct stream *s, struct slice helo);

/* How the connection gets its TLS. */
struct client_security {
	enum tls_policy policy;
	bool implicit; /* from the first octet, before the banner: RFC 8314 */
	/* The handshake on `s`, which checks the certificate as the policy
	 * has it: 0, or -errno with ret->trouble. */
	int (*starttls)(void *context, struct stream *s, struct tls_info *ret);
	void *context;
};

/* Before smtp_client_greet; without it the client speaks in the clear. */
void smtp_client_secure(struct smtp_client *c, const struct client_security *s);

/* Banner, EHLO (HELO if refused), STARTTLS as the policy has it, and EHLO
 * again. What the policy wants and cannot have is OUTCOME_LATER 4.7.5, also a
 * handshake that failed under TLS_OPPORTUNISTIC: then this connection is of no
 * more use, and another one may be made without TLS. OUTCOME_LATER when the
 * host is not usable now (try the next one), OUTCOME_NEVER for 5xx at the
 * banner or HELO. */
struct outcome smtp_client_greet(struct smtp_client *c);

/* NULL: in the clear. */
const struct tls_info *smtp_client_tls(const struct smtp_client *c);

/* Did the peer agree to TLS, and the handshake come to nothing? */
bool smtp_client_tls_failed(const struct smtp_client *c);

/* AUTH, with the best mechanism that the peer offers, inside TLS alone. What
 * came to nothing is OUTCOME_LATER 4.7.8 (4.7.0 where the peer says so), never
 * more: it is ours to mend. */
struct outcome smtp_client_login(struct smtp_client *c, const char *user,
				 const char *password);

unsigned smtp_client_offers(const struct smtp_client *c);

/* Reads the message's next bytes (LF lines): bytes, 0 at the end, -errno. */
typedef ssize_t smtp_body(void *context, uint64_t offset, void *p, size_t n);

/* One message for those recipients of `env` in which[0 … n-1] (indices).
 * results[i] is the outcome for which[i]. A message that the peer cannot carry
 * (SMTPUTF8, SIZE, REQUIRETLS) is OUTCOME_NEVER without being sent. 8-bit text
 * goes to a peer without 8BITMIME as it is: every such server met in practice
 * is 8-bit clean, and a conversion would break signatures (RFC 6152 §3 would
 * have it converted or returned). false: the connection is no longer usable
 * (results are set all the same). */
bool smtp_client_send(struct smtp_client *c, const struct envelope *env,
		      const size_t *which, size_t n, smtp_body *body,
		      void *context, struct outcome *results);

/* RSET works? For reuse after a pause. */
bool smtp_client_alive(struct smtp_client *c);

/* QUIT (without waiting long) and free; the stream is freed too. */
void smtp_client_free(struct smtp_client *c);
