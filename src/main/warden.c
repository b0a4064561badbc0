/* SPDX-License-Identifier: ISC */
/* See warden.h. */
#include "main/warden.h"

#include <syslog.h>

#include "base/log.h"

static const struct log_kind user_stopped = {
	.id = "43135f8059bdeab25effa36213655890",
	.level = LOG_WARNING,
	.text = "a login sends more than it may: perhaps its password is "
		"stolen",
};

static const struct log_kind without = {
	.id = "18088cd4a83ab4568445ee607a35eb1f",
	.level = LOG_WARNING,
	.text = "mail goes on without a file that cannot be opened",
};

/* one record for each user in this time */
static const struct rate told_again = { .n = 1, .per_ms = 15 * 60 * 1000 };

static void log_without(const struct handler *h, struct slice path, int error)
{
	const struct log_field fields[] = {
		{ "SESSION", slice_of(h->session) },
		{ "PLACE", path },
		{ "DETAIL", slice_of(strerror(-error)) },
	};

	log_event(&without, fields, ARRAY_LEN(fields));
}

/* A peer of the network that nobody vouches for. */
static bool is_stranger(const struct handler *h)
{
	const struct settings *s = &h->program.settings;
	const struct peer *p = &h->door.peer;

	return p->kind == PEER_IP && !peer_is_loopback(p) &&
	       !networks_have(&s->smtp.networks, p) &&
	       !networks_have(&s->trust.networks, p);
}

bool warden_trusts(const struct warden *w)
{
	return !is_stranger(w->handler);
}

static bool may_count(const struct handler *h, enum smtp_role role)
{
	const struct settings *s = &h->program.settings;
	bool source = s->rates.connections.n > 0 || s->rates.messages.n > 0 ||
		      s->rates.recipients.n > 0 ||
		      s->rates.failed_recipients.n > 0;
	bool user =
		s->rates.user_messages.n > 0 || s->rates.user_recipients.n > 0;

	return s->rates.file.n > 0 &&
	       ((source && is_stranger(h)) || (user && role != SMTP_MX));
}

void warden_open(struct warden *w, const struct handler *h, enum smtp_role role,
		 struct slice login)
{
	int r = 0;

	*w = (struct warden){
		.handler = h,
		.settings = &h->program.settings,
	};
	w->user = rates_login(login, w->login);
	if (may_count(h, role))
		r = rates_open(w->settings->rates.file.p, &w->rates);
	if (r < 0)
		log_without(h, w->settings->rates.file, r);
}

void warden_close(struct warden *w)
{
	rates_close(w->rates);
	w->rates = NULL;
}

/* ---- how much ---- */

static struct slice source_of(const struct warden *w,
			      char ret[RATES_SOURCE_MAX])
{
	const struct settings *s = w->settings;

	if (w->user.n > 0 || !is_stranger(w->handler))
		return SLICE_NONE;
	return rates_source(&w->handler->door.peer,
			    (unsigned)s->rates.ipv4_prefix,
			    (unsigned)s->rates.ipv6_prefix, ret);
}

static bool source_may(struct warden *w, enum rates_what what,
		       const struct rate *limit)
{
	char source[RATES_SOURCE_MAX];

	return rates_take(w->rates, what, limit, source_of(w, source));
}

static void tell_of_user(struct warden *w, const char *what)
{
	const struct handler *h = w->handler;
	const struct log_field fields[] = {
		{ "SESSION", slice_of(h->session) },
		{ "PEER", slice_of(h->door.peer_text) },
		{ "USER", w->user },
		{ "DETAIL", slice_of(what) },
	};

	if (rates_take(w->rates, RATES_TOLD, &told_again, w->user))
		log_event(&user_stopped, fields, ARRAY_LEN(fields));
}

static bool user_may(struct warden *w, enum rates_what what,
		     const struct rate *limit, const char *words)
{
	bool yes = rates_take(w->rates, what, limit, w->user);

	if (!yes)
		tell_of_user(w, words);
	return yes;
}

static struct verdict yes_or(bool yes, enum reply_id otherwise)
{
	return (struct verdict){ .reply = yes ? REPLY_OK : otherwise };
}

static struct verdict judge_connection(void *context)
{
	struct warden *w = context;
	bool yes = source_may(w, RATES_CONNECTIONS,
			      &w->settings->rates.connections);

	return (struct verdict){ .reply = yes ? REPLY_BANNER : REPLY_TOO_FAST };
}

static void on_login(void *context, struct slice name)
{
	struct warden *w = context;

	w->user = rates_login(name, w->login);
}

static struct verdict judge_mail(void *context)
{
	struct warden *w = context;
	const struct settings *s = w->settings;

	return yes_or(user_may(w, RATES_USER_MESSAGES, &s->rates.user_messages,
			       "user_messages") &&
			      source_may(w, RATES_MESSAGES, &s->rates.messages),
		      REPLY_SLOW_DOWN);
}

static struct verdict judge_rcpt(void *context)
{
	struct warden *w = context;
	const struct settings *s = w->settings;
	char source[RATES_SOURCE_MAX];

	return yes_or(
		user_may(w, RATES_USER_RECIPIENTS, &s->rates.user_recipients,
			 "user_recipients") &&
			source_may(w, RATES_RECIPIENTS, &s->rates.recipients) &&
			rates_have(w->rates, RATES_FAILED_RECIPIENTS,
				   &s->rates.failed_recipients,
				   source_of(w, source)),
		REPLY_SLOW_DOWN);
}

static void on_helo(void *context, struct slice name)
{
	(void)context;
	(void)name;
}

static struct verdict on_answer(void *context, struct slice from,
				struct slice to, struct verdict v)
{
	struct warden *w = context;

	(void)from;
	(void)to;
	/* he guesses at names; that he may no more, the next RCPT finds */
	if (v.reply == REPLY_NO_USER || v.reply == REPLY_RELAY_DENIED)
		ignore(source_may(w, RATES_FAILED_RECIPIENTS,
				  &w->settings->rates.failed_recipients));
	return v;
}

struct smtp_guard warden_guard(struct warden *w)
{
	return (struct smtp_guard){
		.context = w,
		.connect = judge_connection,
		.helo = on_helo,
		.login = on_login,
		.mail = judge_mail,
		.rcpt = judge_rcpt,
		.answered = on_answer,
	};
}
