/* SPDX-License-Identifier: ISC */
/* See client.h: STARTTLS as a client, RFC 3207; what is done without it, RFC
 * 7435. Nothing that was said in the clear survives the handshake. */
#include "smtp/client_engine.h"

void smtp_client_secure(struct smtp_client *c, const struct client_security *s)
{
	c->security = *s;
}

const struct tls_info *smtp_client_tls(const struct smtp_client *c)
{
	return c->in_tls ? &c->tls : NULL;
}

bool smtp_client_tls_failed(const struct smtp_client *c)
{
	return c->tls_failed;
}

/* RFC 3463 §3.8, X.7.5: cryptographic failure. */
static struct outcome no_tls(struct smtp_client *c, const char *what,
			     struct slice why)
{
	struct outcome o = client_outcome("4.7.5", what);
	struct slice text =
		arena_printf(c->arena, "%s: %.*s", what, SLICE_ARG(why));

	if (why.n > 0 && text.p)
		o.text = text;
	return o;
}

struct outcome client_shake(struct smtp_client *c)
{
	const struct client_security *s = &c->security;
	struct slice why;
	int error;

	stream_deadline(c->stream, WAIT_HANDSHAKE_MS, WAIT_HANDSHAKE_MS);
	error = s->starttls(s->context, c->stream, &c->tls);
	c->in_tls = error == 0;
	if (c->in_tls)
		return (struct outcome){ .kind = OUTCOME_OK };
	c->broken = c->tls_failed = true;
	why = slice_of(c->tls.trouble);
	return no_tls(c, "TLS failed",
		      why.n > 0 ? why : slice_of(strerror(-error)));
}

/* 220 and nothing else; and nothing may stand behind it: who puts text there
 * wants it read as if it had come through TLS. */
static struct outcome agreed(struct smtp_client *c, struct outcome o)
{
	if (slice_starts(o.text, SLICE("220 ")) &&
	    stream_peek(c->stream).n == 0)
		return o;
	c->broken = true;
	return no_tls(c, "there is more than 220 in answer to STARTTLS",
		      SLICE_NONE);
}

/* 220 here means: shake hands. */
static struct outcome ask(struct smtp_client *c)
{
	struct outcome o;

	stream_put(c->stream, SLICE("STARTTLS\r\n"));
	o = client_hear(c, WAIT_COMMAND_MS, 2);
	if (o.kind == OUTCOME_OK)
		return agreed(c, o);
	/* some hang up for want of a certificate: as a handshake that failed */
	c->tls_failed = c->broken && !o.from_peer;
	return no_tls(c, "STARTTLS was refused", o.text);
}

struct outcome client_secure(struct smtp_client *c)
{
	bool must = c->security.policy >= TLS_REQUIRED;
	struct outcome o = { .kind = OUTCOME_OK };

	if (c->in_tls || c->security.policy == TLS_NEVER)
		return o;
	if (!(c->offers & CLIENT_STARTTLS))
		return must ? no_tls(c, "the host does not offer STARTTLS",
				     SLICE_NONE)
			    : o;
	o = ask(c);
	if (o.kind != OUTCOME_OK && !c->broken && !must)
		return (struct outcome){ .kind = OUTCOME_OK };
	if (o.kind == OUTCOME_OK)
		o = client_shake(c);
	if (o.kind != OUTCOME_OK)
		return o;
	o = client_hello(c); /* RFC 3207 §4.2 */
	/* TLS 1.3: what the peer dislikes of ours it says behind its finish */
	c->tls_failed = c->broken && !o.from_peer;
	return o;
}
