/* SPDX-License-Identifier: ISC */
/* The client against servers that are a script: what each answers lies ready,
 * what the client says is kept. */
#include <criterion/criterion.h>

#include "smtp/client.h"

#define HELLO "220 there\r\n250 there\r\n"
#define PIPES "220 there\r\n250-there\r\n250 PIPELINING\r\n"
#define BDATS "220 there\r\n250-there\r\n250 CHUNKING\r\n"

struct given {
	const char *says; /* the whole of the server */
	const char *body;
	uint64_t octets;
	int body_error; /* after the first 4 bytes */
};

struct came {
	bool usable;
	int kind[2];
	char status[2][12];
	char said[4096];
};

static ssize_t read_body(void *context, uint64_t offset, void *p, size_t n)
{
	const struct given *g = context;
	size_t all = strlen(g->body), most = g->body_error ? 4 : all;

	if (offset >= most)
		return g->body_error;
	if (n > most - offset)
		n = most - (size_t)offset;
	memcpy(p, g->body + offset, n);
	return (ssize_t)n;
}

/* A wire that never has more to read at once, so that what the client says
 * goes out before each reply is waited for. */
struct wire {
	struct slice says;
	struct buf said;
};

static ssize_t wire_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct wire *w = context;

	/* like a peer that speaks only when it is waited for */
	if (wait_ms == 0)
		return -ETIMEDOUT;
	if (w->says.n == 0 || n == 0)
		return 0;
	memcpy(p, w->says.p, 1);
	w->says = slice_from(w->says, 1);
	return 1;
}

static ssize_t wire_write(void *context, const void *p, size_t n,
			  int64_t wait_ms)
{
	struct wire *w = context;

	(void)wait_ms;
	cr_assert_eq(buf_put(&w->said, (struct slice){ p, n }), 0);
	return (ssize_t)n;
}

static bool wire_ready(void *context)
{
	(void)context;
	return false;
}

static const struct stream_ops wire_ops = {
	.read = wire_read,
	.write = wire_write,
	.ready = wire_ready,
};

/* Two recipients, one message. */
static void converse(struct given g, struct envelope env, struct came *ret)
{
	static const size_t which[] = { 0, 1 };
	struct recipient to[] = { { .address = SLICE("a@example.net") },
				  { .address = SLICE("b@example.net") } };
	struct outcome results[2] = { 0 };
	struct wire w = { slice_of(g.says), BUF(sizeof(ret->said) - 1) };
	struct smtp_client *c =
		smtp_client_new(stream_new(&wire_ops, &w), SLICE("here"));

	*ret = (struct came){ 0 };
	env.to = to;
	env.n_to = 2;
	env.octets = g.octets;
	cr_assert_eq(smtp_client_greet(c).kind, OUTCOME_OK, "%s", g.says);
	ret->usable =
		smtp_client_send(c, &env, which, 2, read_body, &g, results);
	for (size_t i = 0; i < 2; i++) {
		ret->kind[i] = (int)results[i].kind;
		memcpy(ret->status[i], results[i].status, 12);
	}
	smtp_client_free(c);
	memcpy(ret->said, w.said.p, w.said.n);
	buf_done(&w.said);
}

Test(client, outcomes)
{
	static const struct {
		const char *what;
		struct given given;
		bool usable;
		int kind[2];
		const char *status[2];
	} rows[] = {
		{ "all taken",
		  { HELLO "250 s\r\n250 a\r\n250 b\r\n354 go\r\n"
			  "250 2.6.0 x\r\n",
		    "x\n", 3, 0 },
		  true,
		  { OUTCOME_OK, OUTCOME_OK },
		  { "2.6.0", "2.6.0" } },
		{ "one refused, in turn",
		  { HELLO "250 s\r\n550 5.1.1 a\r\n250 b\r\n354 go\r\n"
			  "250 x\r\n",
		    "x\n", 3, 0 },
		  true,
		  { OUTCOME_NEVER, OUTCOME_OK },
		  { "5.1.1", "2.0.0" } },
		{ "mixed, pipelined",
		  { PIPES "250 s\r\n450 4.2.1 a\r\n250 b\r\n354 go\r\n"
			  "250 x\r\n",
		    "x\n", 3, 0 },
		  true,
		  { OUTCOME_LATER, OUTCOME_OK },
		  { "4.2.1", "2.0.0" } },
		{ "MAIL refused, pipelined: RCPT's replies say nothing",
		  { PIPES "451 4.3.0 s\r\n503 5.5.1 a\r\n503 5.5.1 b\r\n",
		    "x\n", 3, 0 },
		  true,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.3.0", "4.3.0" } },
		{ "MAIL refused, pipelined, then gone",
		  { PIPES "451 4.3.0 s\r\n503 5.5.1 a\r\n", "x\n", 3, 0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.3.0", "4.3.0" } },
		{ "421 at RCPT: nobody was served",
		  { HELLO "250 s\r\n250 a\r\n421 4.3.2 b\r\n", "x\n", 3, 0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.3.2", "4.3.2" } },
		{ "gone at the message's end",
		  { HELLO "250 s\r\n250 a\r\n550 5.1.1 b\r\n354 go\r\n", "x\n",
		    3, 0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_NEVER },
		  { "4.4.2", "5.1.1" } },
		{ "garbage",
		  { HELLO "hello\r\n", "x\n", 3, 0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.4.2", "4.4.2" } },
		{ "250 for 354",
		  { HELLO "250 s\r\n250 a\r\n250 b\r\n250 ok\r\n", "x\n", 3,
		    0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.5.0", "4.5.0" } },
		{ "354 for the message's 250",
		  { HELLO "250 s\r\n250 a\r\n250 b\r\n354 go\r\n354 go\r\n",
		    "x\n", 3, 0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.5.0", "4.5.0" } },
		{ "a bare CR",
		  { HELLO "250 s\r\n250 a\r\n250 b\r\n354 go\r\n250 x\r\n",
		    "abc\rd\n", 7, 0 },
		  false,
		  { OUTCOME_NEVER, OUTCOME_NEVER },
		  { "5.6.0", "5.6.0" } },
		{ "unreadable half-way",
		  { HELLO "250 s\r\n250 a\r\n250 b\r\n354 go\r\n250 x\r\n",
		    "abcdef\n", 8, -EIO },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.3.0", "4.3.0" } },
		{ "fewer octets than BDAT said",
		  { BDATS "250 s\r\n250 a\r\n250 b\r\n250 x\r\n", "x\n", 4, 0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.3.0", "4.3.0" } },
		{ "more octets than BDAT said",
		  { BDATS "250 s\r\n250 a\r\n250 b\r\n250 x\r\n", "xy\n", 3,
		    0 },
		  false,
		  { OUTCOME_LATER, OUTCOME_LATER },
		  { "4.3.0", "4.3.0" } },
		{ "too large for them",
		  { "220 t\r\n250-t\r\n250 SIZE 2\r\n", "x\n", 3, 0 },
		  true,
		  { OUTCOME_NEVER, OUTCOME_NEVER },
		  { "5.3.4", "5.3.4" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct came got;

		converse(rows[i].given,
			 (struct envelope){ .from = SLICE("s@example.org") },
			 &got);
		cr_expect_eq(got.usable, rows[i].usable, "%s", rows[i].what);
		for (size_t j = 0; j < 2; j++) {
			cr_expect_eq(got.kind[j], rows[i].kind[j], "%s, %zu",
				     rows[i].what, j);
			cr_expect_str_eq(got.status[j], rows[i].status[j],
					 "%s, %zu: %s", rows[i].what, j,
					 got.status[j]);
		}
		if (rows[i].given.body_error ||
		    strchr(rows[i].given.body, '\r'))
			cr_expect(!strstr(got.said, "\r\n.\r\n") &&
					  strstr(got.said, "DATA\r\n"),
				  "%s", rows[i].what);
	}
}

Test(client, what_is_said)
{
	struct came got;

	converse((struct given){ "220 t\r\n250-t\r\n250-SIZE\r\n250-DSN\r\n"
				 "250 8BITMIME\r\n250 s\r\n250 a\r\n250 b\r\n"
				 "354 go\r\n250 x\r\n",
				 ".x\n", 4, 0 },
		 (struct envelope){ .from = SLICE("s@example.org"),
				    .eight_bit = true,
				    .envid = SLICE("id+2B") },
		 &got);
	cr_expect_str_eq(got.said,
			 "EHLO here\r\n"
			 "MAIL FROM:<s@example.org> SIZE=4 BODY=8BITMIME "
			 "ENVID=id+2B\r\n"
			 "RCPT TO:<a@example.net>\r\n"
			 "RCPT TO:<b@example.net>\r\n"
			 "DATA\r\n..x\r\n.\r\nQUIT\r\n");
}
