/* SPDX-License-Identifier: ISC */
/* STLS: RFC 2595 §4. What a client said before TLS does not count behind it,
 * and what it sent in the clear behind STLS is never read. */
#include "pop3/engine.h"

bool session_in_tls(const struct session *s)
{
	return s->tls.version[0] != '\0';
}

bool session_offers_stls(const struct session *s)
{
	return s->hooks->stls && !session_in_tls(s) &&
	       s->dialogue.state != TRANSACTION;
}

const char *session_mechanisms(const struct session *s)
{
	const struct auth_hooks *auth = s->hooks->auth;

	return auth->mechanisms(auth->context);
}

/* STLS */
void pop3_cmd_stls(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	int r;

	if (!session_no_more(s, args))
		return;
	if (!session_offers_stls(s)) {
		session_reply(s, session_in_tls(s) ? POP3_TLS_IS_ON
						   : POP3_NOT_OFFERED);
		return;
	}
	/* commands in the clear, meant to be taken for what TLS carried; also
	 * those that have come but are not read yet */
	if (stream_has_input(d->stream)) {
		session_reply(s, POP3_INJECTION);
		s->status = "injection";
		d->over = true;
		return;
	}
	if (s->hooks->tls_ready && s->hooks->tls_ready(s->hooks->context) < 0) {
		session_reply(s, POP3_TLS_AGAIN);
		return;
	}
	session_reply(s, POP3_BEGIN_TLS);
	r = s->hooks->stls(s->hooks->context, d->stream, &s->tls);
	d->state = AUTHORIZATION;
	buf_reset(&s->name);
	if (r == 0)
		return;
	s->tls = (struct tls_info){ 0 };
	d->over = true;
}
