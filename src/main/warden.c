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

static const struct log_kind held_up = {
	.id = "c7ef16fe400cc67d122cfa7955d99937",
	.level = LOG_NOTICE,
	.text = "a stranger is held up",
};

static const struct log_kind list_sour = {
	.id = "8e3daf0226013e8d1c338ce25717d636",
	.level = LOG_WARNING,
	.text = "a list answers no question of ours",
};

static const struct log_kind unheard = {
	.id = "8e23fded9bf24f1386c441eae59e65b2",
	.level = LOG_NOTICE,
	.text = "DNS gave no answer about a stranger: that speaks against "
		"nobody",
};

#define HELO_MAX 255

/* one record for each login, and each list, in this time */
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

/* Now, or when it has said by XCLIENT whom it speaks for. */
static bool may_be_stranger(const struct handler *h)
{
	return is_stranger(h) ||
	       networks_have(&h->program.settings.smtp.xclient, &h->door.peer);
}

bool warden_trusts(const struct warden *w)
{
	return !is_stranger(w->handler);
}

static bool may_count(const struct warden *w, enum smtp_role role)
{
	const struct settings *s = w->settings;
	bool source = s->rates.connections.n > 0 || s->rates.messages.n > 0 ||
		      s->rates.recipients.n > 0 ||
		      s->rates.failed_recipients.n > 0 || w->judges;
	bool user =
		s->rates.user_messages.n > 0 || s->rates.user_recipients.n > 0;

	return s->rates.file.n > 0 &&
	       ((source && may_be_stranger(w->handler)) ||
		(user && role != SMTP_MX));
}

void warden_open(struct warden *w, const struct handler *h, enum smtp_role role,
		 struct slice login)
{
	const struct settings *s = &h->program.settings;
	int r = 0;

	*w = (struct warden){
		.handler = h,
		.settings = s,
		.helo = BUF(HELO_MAX),
		.judges = role == SMTP_MX && may_be_stranger(h) &&
			  stranger_wanted(s),
	};
	w->user = rates_login(login, w->login);
	if (may_count(w, role))
		r = rates_open(s->rates.file.p, &w->rates);
	if (r < 0)
		log_without(h, s->rates.file, r);
	r = w->judges ? stranger_open(&w->stranger, s) : 0;
	if (r < 0)
		log_without(h, s->greylist.file, r);
}

void warden_close(struct warden *w)
{
	stranger_close(&w->stranger);
	rates_close(w->rates);
	buf_done(&w->helo);
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

void warden_stand_in(struct warden *w, struct slice login)
{
	w->user = rates_login(login, w->login);
	w->asked = false; /* about this one */
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
	struct warden *w = context;

	buf_reset(&w->helo);
	/* the session's is no longer than ours */
	ignore(buf_put(&w->helo, name));
}

/* ---- who ---- */

static void tell_of_lists(struct warden *w, const struct inquiry *i)
{
	for (size_t k = 0; k < i->n_sour; k++) {
		const struct log_field fields[] = {
			{ "SESSION", slice_of(w->handler->session) },
			{ "PLACE", i->sour[k] },
		};

		if (rates_take(w->rates, RATES_TOLD, &told_again, i->sour[k]))
			log_event(&list_sour, fields, ARRAY_LEN(fields));
	}
}

/* A resolver that is out of reach would switch off what the postmaster relies
 * on, and nobody would notice. */
static void tell_of_silence(const struct warden *w, const struct inquiry *i)
{
	char n[64];

	if (i->n_unheard == 0)
		return;
	(void)snprintf(n, sizeof(n), "%zu of %zu questions", i->n_unheard,
		       i->n_asked);
	const struct log_field fields[] = {
		{ "SESSION", slice_of(w->handler->session) },
		{ "PEER", slice_of(w->handler->door.peer_text) },
		{ "DETAIL", slice_of(n) },
	};

	log_event(&unheard, fields, ARRAY_LEN(fields));
}

static void tell_of_stranger(struct warden *w, const struct opinion *o,
			     struct slice from, struct slice to)
{
	static const char *const reasons[] = {
		[REASON_NONE] = "everybody is greylisted",
		[REASON_LIST] = "listed",
		[REASON_NAMELESS] = "no name leads to its address and back",
		[REASON_HELO] = "not its name",
	};
	bool refused = o->advice == ADVICE_REFUSE;
	const struct log_field fields[] = {
		{ "SESSION", slice_of(w->handler->session) },
		{ "PEER", slice_of(w->handler->door.peer_text) },
		{ "HELO", buf_slice(&w->helo) },
		{ "FROM", from },
		{ "TO", to },
		{ "STATUS", refused ? SLICE("refused") : SLICE("greylisted") },
		{ "REASON", slice_of(reasons[o->reason]) },
		{ "DETAIL", o->detail },
	};

	log_event(&held_up, fields, ARRAY_LEN(fields));
}

static struct verdict reply_of(const struct opinion *o)
{
	if (o->advice == ADVICE_GREYLIST)
		return (struct verdict){ .reply = REPLY_GREYLISTED };
	switch (o->reason) {
	case REASON_HELO:
		return (struct verdict){ REPLY_HELO_WRONG, o->detail };
	case REASON_NAMELESS:
		return (struct verdict){ .reply = REPLY_NAMELESS };
	default:
		return (struct verdict){ REPLY_LISTED, o->detail };
	}
}

static struct verdict judge_stranger(struct warden *w, struct slice from,
				     struct slice to)
{
	const struct peer *p = &w->handler->door.peer;
	bool asked = w->asked;
	struct opinion o = stranger_judge(&w->stranger, p, buf_slice(&w->helo));

	w->asked = true;
	if (!asked) {
		tell_of_lists(w, &w->stranger.inquiry);
		tell_of_silence(w, &w->stranger.inquiry);
	}
	if (o.advice == ADVICE_PASS ||
	    (o.advice == ADVICE_GREYLIST &&
	     stranger_came_back(&w->stranger, p, from, to)))
		return (struct verdict){ .reply = REPLY_RCPT_OK };
	tell_of_stranger(w, &o, from, to);
	return reply_of(&o);
}

/* He must be had by whom nobody else hears (RFC 5321 §4.5.1). */
static bool is_postmaster(struct slice to)
{
	return slice_eq_nocase(slice_upto(to, slice_find(to, '@')),
			       SLICE("postmaster"));
}

static bool is_judged(const struct warden *w)
{
	return w->judges && w->user.n == 0 && is_stranger(w->handler);
}

static struct verdict on_answer(void *context, struct slice from,
				struct slice to, struct verdict v)
{
	struct warden *w = context;

	/* he guesses at names; that he may no more, the next RCPT finds */
	if (v.reply == REPLY_NO_USER || v.reply == REPLY_RELAY_DENIED)
		ignore(source_may(w, RATES_FAILED_RECIPIENTS,
				  &w->settings->rates.failed_recipients));
	if (v.reply != REPLY_RCPT_OK || !is_judged(w) || is_postmaster(to))
		return v;
	return judge_stranger(w, from, to);
}

static struct slice peer_name(void *context)
{
	const struct warden *w = context;

	return w->asked ? w->stranger.inquiry.name : SLICE_NONE;
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
		.peer_name = peer_name,
	};
}
