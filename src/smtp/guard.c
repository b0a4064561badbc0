/* SPDX-License-Identifier: ISC */
/* Where the session asks its guard, if it has one: see struct smtp_guard. */
#include "smtp/session.h"

#include "base/clock.h"

static const struct smtp_guard *guard_of(const struct session *s)
{
	return s->hooks->guard;
}

struct verdict guard_connect(struct session *s)
{
	const struct smtp_guard *g = guard_of(s);

	return g ? g->connect(g->context)
		 : (struct verdict){ .reply = REPLY_BANNER };
}

void guard_helo(struct session *s)
{
	const struct smtp_guard *g = guard_of(s);

	if (g)
		g->helo(g->context, buf_slice(&s->helo));
}

void guard_login(struct session *s)
{
	const struct smtp_guard *g = guard_of(s);

	if (g)
		g->login(g->context, buf_slice(&s->login));
}

struct verdict guard_mail(struct session *s, const struct addr *from,
			  uint64_t size)
{
	const struct smtp_guard *g = guard_of(s);
	struct verdict v = { .reply = REPLY_OK };

	if (g)
		v = g->mail(g->context);
	return v.reply == REPLY_OK
		       ? s->hooks->mail(s->hooks->context, from, size)
		       : v;
}

struct verdict guard_rcpt(struct session *s, const struct addr *to,
			  const struct recipient *asked)
{
	const struct smtp_guard *g = guard_of(s);
	struct verdict v = { .reply = REPLY_OK };
	size_t before = s->env.n_to;

	if (g)
		v = g->rcpt(g->context);
	if (v.reply != REPLY_OK)
		return v;
	v = s->hooks->rcpt(s->hooks->context, to, asked, &s->env, s->arena);
	if (g)
		v = g->answered(g->context, s->env.from, asked->address, v);
	if (v.reply != REPLY_RCPT_OK)
		s->env.n_to = before;
	return v;
}

struct slice guard_peer_name(struct session *s)
{
	const struct smtp_guard *g = guard_of(s);

	if (s->peer_name.n > 0)
		return buf_slice(&s->peer_name);
	return g ? g->peer_name(g->context) : SLICE_NONE;
}

/* Meant to cost the peer more than us; a session's whole time is bounded all
 * the same. */
void guard_tarpit(struct session *s)
{
	uint64_t ms, most_ms = s->config->tarpit_max_ms;

	if (s->config->tarpit_ms == 0 || s->login.n > 0)
		return;
	if (__builtin_mul_overflow(s->errors, s->config->tarpit_ms, &ms) ||
	    ms > most_ms)
		ms = most_ms;
	clock_pause_us(ms * 1000);
}
