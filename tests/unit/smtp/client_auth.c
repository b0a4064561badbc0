/* SPDX-License-Identifier: ISC */
/* AUTH by the client, against a script; TLS is a claim of the test's. */
#include <criterion/criterion.h>

#include "smtp/client.h"

#define OFFER(mechanisms) "220 t\r\n250-t\r\n250 AUTH " mechanisms "\r\n"
#define YES               "235 2.7.0 yes\r\n"

static int shake(void *context, struct stream *s, struct tls_info *ret)
{
	(void)context;
	(void)s;
	*ret = (struct tls_info){ .version = "TLS1.3" };
	return 0;
}

/* Speaks only when it is waited for, so that what the client says goes out. */
struct wire {
	struct slice says;
	struct buf said;
};

static ssize_t wire_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct wire *w = context;

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

struct came {
	struct outcome outcome;
	char text[200], said[1000];
};

static void log_in(const char *says, bool tls, struct came *ret)
{
	struct wire w = { slice_of(says), BUF(sizeof(ret->said) - 1) };
	struct client_security security = { TLS_NEVER, tls, shake, NULL };
	struct smtp_client *c =
		smtp_client_new(stream_new(&wire_ops, &w), SLICE("here"));

	*ret = (struct came){ .said = "" };
	smtp_client_secure(c, &security);
	cr_assert_eq(smtp_client_greet(c).kind, OUTCOME_OK);
	ret->outcome = smtp_client_login(c, "me", "secret");
	(void)snprintf(ret->text, sizeof(ret->text), "%.*s",
		       SLICE_ARG(ret->outcome.text));
	smtp_client_free(c);
	memcpy(ret->said, w.said.p, w.said.n);
	buf_done(&w.said);
}

Test(client_auth, outcomes)
{
	static const struct {
		const char *says;
		bool tls;
		int kind;
		const char *status, *text, *said; /* part of it */
	} rows[] = {
		{ OFFER("PLAIN") YES, true, OUTCOME_OK, "", "",
		  "AUTH PLAIN AG1lAHNlY3JldA==\r\n" },
		{ OFFER("LOGIN") "334 VXNlciBOYW1lAA==\r\n"
				 "334 UGFzc3dvcmQA\r\n" YES,
		  true, OUTCOME_OK, "", "",
		  "AUTH LOGIN\r\nbWU=\r\nc2VjcmV0\r\n" },
		{ OFFER("PLAIN") YES, false, OUTCOME_LATER, "4.7.8",
		  "without TLS", "EHLO here\r\nQUIT" },
		{ OFFER("PLAIN") "535 5.7.8 no\r\n", true, OUTCOME_LATER,
		  "4.7.8", "535 5.7.8 no", "QUIT" },
		{ OFFER("PLAIN") "454 4.7.0 no\r\n", true, OUTCOME_LATER,
		  "4.7.0", "454", "QUIT" },
		{ OFFER("PLAIN") "334 \r\n501 what\r\n", true, OUTCOME_LATER,
		  "4.7.8", "challenge", "\r\n*\r\n" },
		{ OFFER("PLAIN"), true, OUTCOME_LATER, "4.4.2", "closed",
		  "PLAIN" },
		{ OFFER("X-OTHER"), true, OUTCOME_LATER, "4.7.8",
		  "no login of ours: X-OTHER", "QUIT" },
		/* without the channel's binding there is no PLUS */
		{ OFFER("PLAIN SCRAM-SHA-256-PLUS SCRAM-SHA-256") YES, true,
		  OUTCOME_LATER, "4.7.8", "did not prove",
		  "AUTH SCRAM-SHA-256 bi" },
		/* who has no keys there: the same within TLS */
		{ OFFER("SCRAM-SHA-256 PLAIN") "535 5.7.8 no keys\r\n" YES,
		  true, OUTCOME_OK, "", "",
		  "\r\nAUTH PLAIN AG1lAHNlY3JldA==\r\n" },
		{ OFFER("SCRAM-SHA-256 PLAIN") "454 4.7.0 later\r\n" YES, true,
		  OUTCOME_LATER, "4.7.0", "454", "\r\nQUIT" },
		{ OFFER("SCRAM-SHA-256 X-PLAIN") "535 5.7.8 no\r\n", true,
		  OUTCOME_LATER, "4.7.8", "535 5.7.8 no", "\r\nQUIT" },
		{ OFFER("SCRAM-SHA-256 PLAIN") "535 5.7.8 no\r\n"
					       "535 5.7.8 wrong\r\n",
		  true, OUTCOME_LATER, "4.7.8", "535 5.7.8 wrong", "QUIT" },
		{ OFFER("SCRAM-SHA-256") "334 cj1hLHM9YixpPTE=\r\n501 x\r\n",
		  true, OUTCOME_LATER, "4.7.8", "challenge", "\r\n*\r\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct came c;

		log_in(rows[i].says, rows[i].tls, &c);
		cr_expect_eq((int)c.outcome.kind, rows[i].kind, "%zu", i);
		cr_expect_str_eq(c.outcome.status, rows[i].status, "%zu: %s", i,
				 c.outcome.status);
		cr_expect(strstr(c.text, rows[i].text), "%zu: %s", i, c.text);
		cr_expect(strstr(c.said, rows[i].said), "%zu: %s", i, c.said);
	}
}
