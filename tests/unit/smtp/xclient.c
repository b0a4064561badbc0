/* SPDX-License-Identifier: ISC */
/* XCLIENT in whole sessions over memory; whoever is 192.0.2.x may say whom it
 * speaks for, and 198.51.100.x may relay. */
#include <criterion/criterion.h>

#include "tests/unit/security.h"
#include "tests/unit/smtp/double.h"

struct fake {
	struct security security; /* first: it is the hooks' context */
	struct smtp_config config;
	struct peer peer;
	char ip[PEER_TEXT_MAX];
	char login[32];
	unsigned moves;
	int error; /* of stand_in */
	struct buf text;
	struct buf from; /* the envelope's peer */
};

static int fake_begin(void *context, struct envelope *env)
{
	struct fake *f = context;

	return buf_put(&f->from, env->peer);
}

static int fake_write(void *context, struct slice bytes)
{
	return buf_put(&((struct fake *)context)->text, bytes);
}

static void judge(struct fake *f)
{
	peer_text(&f->peer, f->ip);
	f->config.peer_ip = f->config.peer_literal = slice_of(f->ip);
	f->config.may_xclient = strncmp(f->ip, "192.0.2.", 8) == 0;
	f->config.may_relay = strncmp(f->ip, "198.51.100.", 11) == 0;
}

static int fake_stand_in(void *context, const struct peer *client,
			 struct slice login, struct smtp_config *ret)
{
	struct fake *f = context;

	if (client) {
		f->peer = *client;
		f->moves++;
	}
	judge(f);
	(void)snprintf(f->login, sizeof(f->login), "%.*s", SLICE_ARG(login));
	*ret = f->config;
	ret->may_relay |= login.n > 0;
	return f->error;
}

static void set_up(struct fake *f, const char *ip)
{
	*f = (struct fake){ .security = { .mechanisms = "PLAIN" },
			    .text = BUF(65536),
			    .from = BUF(1024) };
	f->config = (struct smtp_config){
		/* only who may relay may send */
		.role = SMTP_SUBMISSION, .host = SLICE("mx.example"),
		.message_max = 100000,   .recipients_max = 3,
		.errors_max = 20,        .commands_max = 100,
		.text_line_max = 1000,   .hops_max = 9,
		.logins_max = 3,
	};
	cr_assert_eq(peer_parse(slice_of(ip), &f->peer), 0);
	judge(f);
}

static void tear_down(struct fake *f)
{
	buf_done(&f->text);
	buf_done(&f->from);
}

/* The reply codes, with blanks between. */
static void codes(struct fake *f, const char *in, size_t chunk, char *ret,
		  size_t room)
{
	const struct auth_hooks auth = security_auth(&f->security);
	const struct smtp_xclient xclient = { f, fake_stand_in };
	const struct smtp_config config = f->config;
	struct smtp_hooks hooks = double_hooks(f);
	struct buf out = BUF(65536);
	struct stream *s = stream_new_memory(slice_of(in), chunk, &out);

	hooks.begin = fake_begin;
	hooks.write = fake_write;
	hooks.auth = &auth;
	hooks.xclient = &xclient;
	ignore(smtp_serve(s, &config, &hooks));
	stream_free(s);
	double_codes(buf_slice(&out), ret, room);
	buf_done(&out);
}

#define HELLO "EHLO front.example\r\n"
#define MAIL  "MAIL FROM:<a@b.example>\r\n"
#define GOOD  "XCLIENT ADDR=198.51.100.7\r\n"

static const struct {
	const char *ip, *in, *codes, *after, *login;
} sessions[] = {
	/* the client's rights, and none of the front's */
	{ "192.0.2.1", GOOD HELLO MAIL, "220 220 250 250", "198.51.100.7", "" },
	{ "192.0.2.1", "XCLIENT ADDR=203.0.113.4\r\n" HELLO MAIL,
	  "220 220 250 530", "203.0.113.4", "" },
	{ "192.0.2.1", HELLO GOOD MAIL HELLO MAIL, "220 250 220 503 250 250",
	  "198.51.100.7", "" },
	{ "192.0.2.1", GOOD GOOD, "220 220 550", "198.51.100.7", "" },
	{ "192.0.2.1", "XCLIENT ADDR=192.0.2.2\r\n" GOOD HELLO MAIL,
	  "220 220 220 250 250", "198.51.100.7", "" },
	/* not for others */
	{ "198.51.100.1", HELLO GOOD "XCLIENT\r\n", "220 250 550 550",
	  "198.51.100.1", "" },
	/* not amid a transaction */
	{ "192.0.2.1",
	  "XCLIENT ADDR=192.0.2.2 LOGIN=a\r\n" HELLO MAIL GOOD "RSET\r\n" GOOD,
	  "220 220 250 250 503 250 220", "198.51.100.7", "" },
	/* IPv6, any case, what stands in xtext */
	{ "192.0.2.1", "xclient addr=ipv6:2001:db8::7 port=25\r\n", "220 220",
	  "2001:db8::7", "" },
	{ "192.0.2.1", "XCLIENT ADDR=198+2E51.100.7 NAME=c.example\r\n",
	  "220 220", "198.51.100.7", "" },
	{ "192.0.2.1", "XCLIENT ADDR=[unavailable]\r\n" HELLO MAIL,
	  "220 220 250 530", "a pipe", "" },
	/* the login: told, taken back, gone with the client, not given away */
	{ "192.0.2.1", "XCLIENT LOGIN=al+40b.example\r\n" HELLO MAIL,
	  "220 220 250 250", "192.0.2.1", "al@b.example" },
	{ "192.0.2.1",
	  "XCLIENT LOGIN=al\r\nXCLIENT LOGIN=[UNAVAILABLE]\r\n" HELLO MAIL,
	  "220 220 220 250 530", "192.0.2.1", "" },
	{ "192.0.2.1",
	  "XCLIENT LOGIN=al\r\nXCLIENT ADDR=203.0.113.4\r\n" HELLO MAIL,
	  "220 220 220 250 530", "203.0.113.4", "" },
	{ "192.0.2.1", "XCLIENT LOGIN=al\r\nXCLIENT NAME=c.example\r\n",
	  "220 220 220", "192.0.2.1", "al" },
	{ "192.0.2.1", "XCLIENT LOGIN=al\r\n" HELLO "AUTH PLAIN c2VjcmV0\r\n",
	  "220 220 250 503", "192.0.2.1", "al" },
	{ "192.0.2.1", HELLO "AUTH PLAIN c2VjcmV0\r\n" GOOD, "220 250 235 503",
	  "192.0.2.1", "" },
	{ "192.0.2.1",
	  "XCLIENT LOGIN=al\r\nXCLIENT LOGIN=[UNAVAILABLE]\r\n" HELLO
	  "AUTH PLAIN c2VjcmV0\r\n" GOOD,
	  "220 220 220 250 235 503", "192.0.2.1", "" },
	/* one bad attribute, and nothing has happened */
	{ "192.0.2.1", "XCLIENT LOGIN=al ADDR=198.51.100.7 PORT=x\r\n",
	  "220 501", "192.0.2.1", "" },
};

Test(xclient, sessions_in_any_chunking)
{
	const size_t chunks[] = { 0, 1, 7 };

	for (size_t i = 0; i < ARRAY_LEN(sessions); i++)
		for (size_t k = 0; k < ARRAY_LEN(chunks); k++) {
			struct fake f;
			char got[128];

			set_up(&f, sessions[i].ip);
			codes(&f, sessions[i].in, chunks[k], got, sizeof(got));
			cr_expect_str_eq(got, sessions[i].codes, "row %zu: %s",
					 i, got);
			cr_expect_str_eq(f.ip, sessions[i].after, "row %zu", i);
			cr_expect_str_eq(f.login, sessions[i].login, "row %zu",
					 i);
			tear_down(&f);
		}
}

Test(xclient, attributes)
{
	static const struct {
		const char *args;
		bool good;
	} rows[] = {
		{ "", false },
		{ " ", false },
		{ " ADDR", false },
		{ " ADDR=", false },
		{ " ADDR=198.51.100.7", true },
		{ " ADDR=198.51.100.256", false },
		{ " ADDR=[198.51.100.7]", false },
		{ " ADDR=2001:db8::7", false },
		{ " ADDR=IPV6:2001:db8::7", true },
		{ " ADDR=IPV6:198.51.100.7", false },
		{ " ADDR=IPV6:", false },
		{ " ADDR=[UNAVAILABLE", false },
		{ " ADDR=198.51.100.7 ADDR=198.51.100.7", false },
		{ " NAME=c.example  HELO=c.example", true },
		{ " NAME=[TEMPUNAVAIL]", true },
		{ " NAME=a+20b", false },
		{ " NAME=a+0D+0Ab", false },
		{ " NAME=a+00", false },
		{ " NAME=a+2", false },
		{ " NAME=a=b", false },
		{ " NAME=+FF", false },
		{ " PORT=0", true },
		{ " PORT=65535", true },
		{ " PORT=65536", false },
		{ " PORT=-1", false },
		{ " PORT=[UNAVAILABLE]", true },
		{ " PROTO=SMTP", true },
		{ " PROTO=esmtp", true },
		{ " PROTO=LMTP", false },
		{ " PROTO=[UNAVAILABLE]", false },
		{ " LOGIN=al", true },
		{ " LOGIN=a+09", false },
		{ " DESTADDR=192.0.2.3 DESTPORT=25", true },
		{ " DESTADDR=mx.example", false },
		{ " DESTPORT=smtp", false },
		{ " SOURCE=a", false },
		{ " =a", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake f;
		char in[256], got[64];

		set_up(&f, "192.0.2.1");
		(void)snprintf(in, sizeof(in), "XCLIENT%s\r\n", rows[i].args);
		codes(&f, in, 0, got, sizeof(got));
		cr_expect_str_eq(got, rows[i].good ? "220 220" : "220 501",
				 "'%s': %s", rows[i].args, got);
		tear_down(&f);
	}
}

/* 255 octets of a name, 320 of a login. */
Test(xclient, the_longest)
{
	static const struct {
		const char *name;
		size_t n;
		const char *codes;
	} rows[] = {
		{ "NAME", 255, "220 220" },  { "NAME", 256, "220 501" },
		{ "HELO", 255, "220 220" },  { "HELO", 256, "220 501" },
		{ "LOGIN", 320, "220 220" }, { "LOGIN", 321, "220 501" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake f;
		char in[512], got[64];
		int at = snprintf(in, sizeof(in), "XCLIENT %s=", rows[i].name);

		memset(in + at, 'a', rows[i].n);
		memcpy(in + at + rows[i].n, "\r\n", 3);
		set_up(&f, "192.0.2.1");
		codes(&f, in, 0, got, sizeof(got));
		cr_expect_str_eq(got, rows[i].codes, "row %zu: %s", i, got);
		tear_down(&f);
	}
}

static bool holds(const struct buf *b, const char *what)
{
	return b->n > 0 && memmem(b->p, b->n, what, strlen(what)) != NULL;
}

/* What Received and the envelope say is the client, by the name it gave the
 * front, not the one the front gives us. */
Test(xclient, the_trace_is_the_clients)
{
	struct fake f;
	char got[64];

	set_up(&f, "192.0.2.1");
	codes(&f,
	      "XCLIENT ADDR=198.51.100.7 NAME=c.example "
	      "HELO=said.example\r\n" HELLO MAIL
	      "RCPT TO:<c@mx.example>\r\nDATA\r\n\r\nx\r\n.\r\n",
	      0, got, sizeof(got));
	cr_expect_str_eq(got, "220 220 250 250 250 354 250");
	cr_expect(
		holds(&f.text, "from said.example (c.example [198.51.100.7])"),
		"%.*s", SLICE_ARG(buf_slice(&f.text)));
	cr_expect(slice_eq(buf_slice(&f.from),
			   SLICE("c.example [198.51.100.7]")));
	tear_down(&f);
}

/* Name and HELO of one client are not those of the next. */
Test(xclient, the_next_client)
{
	struct fake f;
	char got[64];

	set_up(&f, "192.0.2.1");
	codes(&f,
	      "XCLIENT ADDR=192.0.2.2 NAME=c.example HELO=said.example\r\n" GOOD
		      HELLO MAIL
	      "RCPT TO:<c@mx.example>\r\nDATA\r\n\r\nx\r\n.\r\n",
	      0, got, sizeof(got));
	cr_expect(holds(&f.text, "from front.example ([198.51.100.7])"), "%.*s",
		  SLICE_ARG(buf_slice(&f.text)));
	cr_expect_eq(f.moves, 2);
	tear_down(&f);
}

Test(xclient, our_trouble_ends_it)
{
	struct fake f;
	char got[64];

	set_up(&f, "192.0.2.1");
	f.error = -ENOMEM;
	codes(&f, GOOD HELLO, 0, got, sizeof(got));
	cr_expect_str_eq(got, "220 421");
	tear_down(&f);
}
