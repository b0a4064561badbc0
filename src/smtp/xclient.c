/* SPDX-License-Identifier: ISC */
/* XCLIENT, by which a front that we trust says whom it speaks for: Postfix's
 * XCLIENT_README. Whom it names is judged anew, as if that client had come
 * itself. Nothing changes before all of the command has been understood. */
#include "smtp/session.h"

#include "smtp/events.h"
#include "smtp/params.h"

#define VALUE_MAX 320 /* a login, the longest of them */
#define HOST_MAX  255 /* XCLIENT_README, note 1 */

/* What one command says. */
struct told {
	unsigned what; /* bits of attributes[] */
	struct peer client;
	uint16_t port;
	struct slice name, helo, login;
};

/* `value`: decoded; .p is NULL where it is unavailable. False: it is bad. */
struct attribute {
	const char *name;
	unsigned bit;
	bool (*take)(struct told *t, struct slice value);
};

enum {
	NAME = 1,
	ADDR = 2,
	PORT = 4,
	PROTO = 8,
	HELO = 16,
	LOGIN = 32,
	DESTADDR = 64,
	DESTPORT = 128,
};

static bool is_host(struct slice value)
{
	return !value.p || (value.n <= HOST_MAX && session_is_name(value));
}

static bool take_name(struct told *t, struct slice value)
{
	t->name = value;
	return is_host(value);
}

static bool take_helo(struct told *t, struct slice value)
{
	t->helo = value;
	return is_host(value);
}

static bool take_login(struct told *t, struct slice value)
{
	t->login = value;
	return !value.p || session_is_name(value);
}

/* "192.0.2.1", "IPV6:2001:db8::1" */
static bool parse_address(struct slice value, struct peer *ret)
{
	bool v6 = slice_starts_nocase(value, SLICE("IPV6:"));
	struct slice ip = slice_from(value, v6 ? 5 : 0);

	*ret = (struct peer){ .kind = PEER_NONE };
	return !value.p ||
	       ((slice_find(ip, ':') < ip.n) == v6 && peer_parse(ip, ret) == 0);
}

static bool parse_port(struct slice value, uint16_t *ret)
{
	uint64_t n = 0;

	if (value.p && slice_number(value, 0, 65535, &n) < 0)
		return false;
	*ret = (uint16_t)n;
	return true;
}

static bool take_addr(struct told *t, struct slice value)
{
	return parse_address(value, &t->client);
}

static bool take_port(struct told *t, struct slice value)
{
	return parse_port(value, &t->port);
}

/* The greeting of this session says it, and RFC 3848 wants that in Received.
 */
static bool take_proto(struct told *t, struct slice value)
{
	(void)t;
	return slice_eq_nocase(value, SLICE("SMTP")) ||
	       slice_eq_nocase(value, SLICE("ESMTP"));
}

/* Which of our addresses it was is nothing to us. */
static bool take_destaddr(struct told *t, struct slice value)
{
	struct peer destination;

	(void)t;
	return parse_address(value, &destination);
}

static bool take_destport(struct told *t, struct slice value)
{
	uint16_t destination;

	(void)t;
	return parse_port(value, &destination);
}

static const struct attribute attributes[] = {
	{ "NAME", NAME, take_name },
	{ "ADDR", ADDR, take_addr },
	{ "PORT", PORT, take_port },
	{ "PROTO", PROTO, take_proto },
	{ "HELO", HELO, take_helo },
	{ "LOGIN", LOGIN, take_login },
	{ "DESTADDR", DESTADDR, take_destaddr },
	{ "DESTPORT", DESTPORT, take_destport },
};

static const struct attribute *find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		if (slice_eq_nocase(slice_of(attributes[i].name), name))
			return &attributes[i];
	return NULL;
}

static bool is_unavailable(struct slice xtext)
{
	return slice_eq_nocase(xtext, SLICE("[UNAVAILABLE]")) ||
	       slice_eq_nocase(xtext, SLICE("[TEMPUNAVAIL]"));
}

static bool decode(struct slice xtext, struct arena *arena, struct slice *ret)
{
	struct buf plain = BUF(VALUE_MAX);
	bool good = xtext.n > 0 && xtext_decode(&plain, xtext) == 0;

	if (good)
		*ret = arena_copy(arena, buf_slice(&plain));
	buf_done(&plain);
	return good && ret->p;
}

/* attribute-name"="attribute-value, where the value is xtext */
static struct verdict take(struct session *s, struct slice word, struct told *t)
{
	size_t sign = slice_find(word, '=');
	struct slice xtext = slice_from(word, sign + 1);
	const struct attribute *a = find(slice_upto(word, sign));
	struct slice value = SLICE_NONE;

	if (!a)
		return (struct verdict){ REPLY_SYNTAX,
					 SLICE("no such attribute") };
	if ((t->what & a->bit) != 0 ||
	    (!is_unavailable(xtext) && !decode(xtext, s->arena, &value)) ||
	    !a->take(t, value))
		return (struct verdict){ REPLY_BAD_PARAM_VALUE,
					 slice_of(a->name) };
	t->what |= a->bit;
	return (struct verdict){ .reply = REPLY_OK };
}

static struct verdict parse(struct session *s, struct slice args,
			    struct told *ret)
{
	struct verdict v = { REPLY_SYNTAX, SLICE("XCLIENT ATTRIBUTE=value") };
	struct slice word;

	while ((word = slice_word(&args)).n > 0) {
		v = take(s, word, ret);
		if (v.reply != REPLY_OK)
			break;
	}
	return v;
}

/* Replace what `b` holds. */
static int keep(struct buf *b, struct slice value)
{
	buf_reset(b);
	return buf_put(b, value);
}

/* What was told of another client, or of nobody, goes with it. */
static int keep_told(struct session *s, const struct told *t)
{
	const unsigned what = t->what & ADDR ? NAME | HELO | LOGIN : t->what;
	int r = what & NAME ? keep(&s->peer_name, t->name) : 0;

	if (r == 0 && (what & HELO))
		r = keep(&s->told_helo, t->helo);
	if (r == 0 && (what & LOGIN)) {
		r = keep(&s->login, t->login);
		s->told_login = t->login.n > 0;
	}
	return r;
}

static int become(struct session *s, struct told *t)
{
	const struct smtp_xclient *x = s->hooks->xclient;
	int r = keep_told(s, t);

	t->client.port = t->port;
	if (r == 0)
		r = x->stand_in(x->context, t->what & ADDR ? &t->client : NULL,
				buf_slice(&s->login), &s->own);
	if (r < 0)
		return r;
	s->config = &s->own;
	s->may_relay = s->own.may_relay;
	return 0;
}

static void obey(struct session *s, struct told *t)
{
	bool login = t->login.n > 0;
	struct verdict v;

	if (become(s, t) < 0) {
		session_close(s, REPLY_SHUTTING);
		return;
	}
	session_begin_anew(s);
	v = guard_connect(s);
	if (v.reply != REPLY_BANNER) {
		session_close(s, v.reply);
		return;
	}
	if (login)
		session_log(s, &smtp_event_login, SLICE_NONE, REPLY_BANNER);
	session_answer(s, REPLY_BANNER, s->config->host);
}

static bool is_offered(const struct session *s)
{
	return s->hooks->xclient && s->config->may_xclient;
}

/* xclient-command = XCLIENT 1*( SP attribute-name"="attribute-value ) */
void session_xclient(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct told told = { 0 };
	struct verdict v;

	if (!is_offered(s)) {
		session_answer(s, REPLY_XCLIENT_DENIED, SLICE_NONE);
		return;
	}
	/* its own rights are not for it to give away */
	if (s->login.n > 0 && !s->told_login) {
		session_answer(s, REPLY_NOT_NOW, SLICE("you are logged in"));
		return;
	}
	v = parse(s, args, &told);
	if (v.reply == REPLY_OK)
		obey(s, &told);
	else
		session_answer(s, v.reply, v.detail);
}

void session_put_xclient(struct session *s)
{
	if (!is_offered(s))
		return;
	stream_put(s->d.stream, SLICE("250-XCLIENT"));
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		stream_printf(s->d.stream, " %s", attributes[i].name);
	stream_put(s->d.stream, SLICE("\r\n"));
}
