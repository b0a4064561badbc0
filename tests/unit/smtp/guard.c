/* SPDX-License-Identifier: ISC */
/* What a guard says, over whole sessions in memory. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "tests/unit/smtp/double.h"

struct fake {
	enum reply_id connect, mail, rcpt, answered;
	char helo[64], from[64], to[64], received[256];
	const char *spares; /* whom `answered` is not for; or NULL */
	unsigned mails, rcpts, answers;
	enum reply_id heard; /* what the hooks had said */
	size_t recipients;   /* at the end of the message */
};

static struct verdict say(enum reply_id id)
{
	return (struct verdict){ .reply = id };
}

static void keep(char *to, size_t room, struct slice s)
{
	(void)snprintf(to, room, "%.*s", SLICE_ARG(s));
}

static struct verdict on_connect(void *context)
{
	return say(((struct fake *)context)->connect);
}

static void on_helo(void *context, struct slice name)
{
	struct fake *f = context;

	keep(f->helo, sizeof(f->helo), name);
}

static void on_login(void *context, struct slice name)
{
	(void)context;
	(void)name;
}

static struct verdict on_mail(void *context)
{
	return say(((struct fake *)context)->mail);
}

static struct verdict on_rcpt(void *context)
{
	return say(((struct fake *)context)->rcpt);
}

static struct verdict on_answer(void *context, struct slice from,
				struct slice to, struct verdict v)
{
	struct fake *f = context;

	f->answers++;
	f->heard = v.reply;
	keep(f->from, sizeof(f->from), from);
	keep(f->to, sizeof(f->to), to);
	if (f->answered == REPLY_OK || slice_eq(to, slice_of(f->spares)))
		return v;
	return say(f->answered);
}

static struct slice peer_name(void *context)
{
	(void)context;
	return SLICE("c.example.net");
}

static struct verdict hook_mail(void *context, const struct addr *from,
				uint64_t size)
{
	(void)from;
	(void)size;
	((struct fake *)context)->mails++;
	return say(REPLY_SENDER_OK);
}

static struct verdict hook_rcpt(void *context, const struct addr *to,
				const struct recipient *asked,
				struct envelope *env, struct arena *arena)
{
	struct fake *f = context;
	struct recipient *r;

	f->rcpts++;
	if (slice_eq(to->local, SLICE("nobody")))
		return say(REPLY_NO_USER);
	/* an alias of two */
	for (int i = 0; i < 2; i++) {
		r = envelope_add(env, arena);
		cr_assert(r);
		*r = *asked;
	}
	return say(REPLY_RCPT_OK);
}

static int hook_begin(void *context, struct envelope *env)
{
	((struct fake *)context)->recipients = env->n_to;
	return 0;
}

static int hook_write(void *context, struct slice bytes)
{
	struct fake *f = context;

	if (f->received[0] == '\0')
		keep(f->received, sizeof(f->received), bytes);
	return 0;
}

static struct smtp_config config(void)
{
	return (struct smtp_config){
		.role = SMTP_MX,
		.host = SLICE("mx.example"),
		.peer_ip = SLICE("192.0.2.1"),
		.peer_literal = SLICE("192.0.2.1"),
		.recipients_max = 100,
		.errors_max = 20,
		.commands_max = 50,
		.text_line_max = 1000,
		.hops_max = 2,
	};
}

/* The reply codes of a session, blank-separated. */
static void codes(const struct smtp_config *c, const char *in, struct fake *f,
		  char *ret, size_t room)
{
	const struct smtp_guard guard = {
		.context = f,
		.connect = on_connect,
		.helo = on_helo,
		.login = on_login,
		.mail = on_mail,
		.rcpt = on_rcpt,
		.answered = on_answer,
		.peer_name = peer_name,
	};
	struct smtp_hooks hooks = double_hooks(f);
	struct buf out = BUF(1U << 20);
	struct stream *s = stream_new_memory(slice_of(in), 0, &out);

	hooks.mail = hook_mail;
	hooks.rcpt = hook_rcpt;
	hooks.begin = hook_begin;
	hooks.write = hook_write;
	hooks.guard = &guard;
	cr_assert_eq(smtp_serve(s, c, &hooks), 0);
	stream_free(s);
	double_codes(buf_slice(&out), ret, room);
	buf_done(&out);
}

#define MAIL "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n"
#define RCPT "RCPT TO:<c@mx.example>\r\n"
#define BODY "DATA\r\n\r\nx\r\n.\r\nQUIT\r\n"

static const struct {
	const char *in, *codes;
	enum reply_id connect, mail, rcpt, answered;
	unsigned mails, rcpts, answers;
} rows[] = {
	{ MAIL RCPT BODY, "220 250 250 250 354 250 221", REPLY_BANNER, REPLY_OK,
	  REPLY_OK, REPLY_OK, 1, 1, 1 },
	{ MAIL RCPT BODY, "421", REPLY_TOO_FAST, REPLY_OK, REPLY_OK, REPLY_OK,
	  0, 0, 0 },
	{ MAIL "QUIT\r\n", "220 250 450 221", REPLY_BANNER, REPLY_SLOW_DOWN,
	  REPLY_OK, REPLY_OK, 0, 0, 0 },
	{ MAIL RCPT "QUIT\r\n", "220 250 250 450 221", REPLY_BANNER, REPLY_OK,
	  REPLY_SLOW_DOWN, REPLY_OK, 1, 0, 0 },
	{ MAIL RCPT BODY, "220 250 250 450 554 500 500 500 221", REPLY_BANNER,
	  REPLY_OK, REPLY_OK, REPLY_SLOW_DOWN, 1, 1, 1 },
};

Test(guard, is_asked_at_each_step)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtp_config c = config();
		struct fake f = {
			.connect = rows[i].connect,
			.mail = rows[i].mail,
			.rcpt = rows[i].rcpt,
			.answered = rows[i].answered,
		};
		char got[256];

		codes(&c, rows[i].in, &f, got, sizeof(got));
		cr_assert_str_eq(got, rows[i].codes, "row %zu: %s", i, got);
		cr_assert(f.mails == rows[i].mails &&
				  f.rcpts == rows[i].rcpts &&
				  f.answers == rows[i].answers,
			  "row %zu", i);
	}
}

Test(guard, hears_who_it_is_and_what_was_answered)
{
	struct smtp_config c = config();
	struct fake f = { .connect = REPLY_BANNER };
	char got[256];

	codes(&c,
	      MAIL RCPT "RCPT TO:<nobody@mx.example>\r\n"
			"RCPT TO:<@>\r\n" BODY,
	      &f, got, sizeof(got));
	cr_assert_str_eq(got, "220 250 250 250 550 501 354 250 221", "%s", got);
	cr_assert_str_eq(f.helo, "c.example");
	cr_assert_str_eq(f.from, "a@b.example");
	cr_assert_str_eq(f.to, "nobody@mx.example");
	cr_assert_eq(f.heard, REPLY_NO_USER);
	cr_assert_eq(f.answers, 2, "a syntax error is not its business");
	cr_assert_eq(f.recipients, 2);
	cr_assert(strstr(f.received, "(c.example.net [192.0.2.1])"), "%s",
		  f.received);
}

Test(guard, a_recipient_refused_late_is_taken_back)
{
	struct smtp_config c = config();
	struct fake f = { .connect = REPLY_BANNER,
			  .answered = REPLY_SLOW_DOWN,
			  .spares = "c@mx.example" };
	char got[256];

	codes(&c, MAIL "RCPT TO:<b@mx.example>\r\n" RCPT BODY, &f, got,
	      sizeof(got));
	cr_assert_str_eq(got, "220 250 250 450 250 354 250 221", "%s", got);
	cr_assert_eq(f.recipients, 2);
}

static int64_t lasts_ms(const struct smtp_config *c, const char *in)
{
	struct fake f = { .connect = REPLY_BANNER };
	int64_t began_ms = clock_mono_ms();
	char got[256];

	codes(c, in, &f, got, sizeof(got));
	return clock_mono_ms() - began_ms;
}

Test(guard, tarpit_grows_with_each_refusal_and_is_bounded)
{
	struct smtp_config c = config();
	int64_t ms;

	c.tarpit_ms = 20;
	c.tarpit_max_ms = 50;
	ms = lasts_ms(&c, "X\r\nX\r\nX\r\nX\r\nNOOP\r\nNOOP\r\n");
	cr_assert(ms >= 20 + 40 + 50 + 50 && ms < 2000, "%lld ms",
		  (long long)ms);
	ms = lasts_ms(&c, MAIL RCPT BODY);
	cr_assert(ms < 100, "no refusal, and yet %lld ms", (long long)ms);
	c.login = SLICE("alice");
	ms = lasts_ms(&c, "X\r\nX\r\nX\r\nX\r\n");
	cr_assert(ms < 100, "a login waited %lld ms", (long long)ms);
	c.login = SLICE_NONE;
	c.tarpit_ms = UINT64_MAX;
	ms = lasts_ms(&c, "X\r\nX\r\n");
	cr_assert(ms >= 100 && ms < 2000, "%lld ms", (long long)ms);
}
