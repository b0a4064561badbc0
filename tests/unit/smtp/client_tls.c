/* SPDX-License-Identifier: ISC */
/* STARTTLS by the client, against a script; the handshake is the test's. */
#include <criterion/criterion.h>

#include "smtp/client.h"

#define OFFER "220 there\r\n250-there\r\n250-SIZE 10\r\n250 STARTTLS\r\n"
#define AGAIN "250-there\r\n250 PIPELINING\r\n"

struct fake {
	int result;
	bool verified;
	unsigned calls;
};

static int shake(void *context, struct stream *s, struct tls_info *ret)
{
	struct fake *f = context;

	(void)s;
	f->calls++;
	*ret = (struct tls_info){ .version = "TLS1.3",
				  .trouble = "expired",
				  .verified = f->verified };
	return f->result;
}

struct came {
	struct outcome outcome;
	char text[200];
	unsigned calls, offers;
	bool in_tls, tls_failed;
	char said[400];
};

static void greet(const char *says, size_t chunk, enum tls_policy policy,
		  bool implicit, int result, struct came *ret)
{
	struct fake f = { .result = result };
	struct buf said = BUF(sizeof(ret->said) - 1);
	struct client_security security = { policy, implicit, shake, &f };
	struct smtp_client *c = smtp_client_new(
		stream_new_memory(slice_of(says), chunk, &said), SLICE("here"));

	*ret = (struct came){ .said = "" };
	smtp_client_secure(c, &security);
	ret->outcome = smtp_client_greet(c);
	(void)snprintf(ret->text, sizeof(ret->text), "%.*s",
		       SLICE_ARG(ret->outcome.text));
	ret->calls = f.calls;
	ret->offers = smtp_client_offers(c);
	ret->in_tls = smtp_client_tls(c) != NULL;
	ret->tls_failed = smtp_client_tls_failed(c);
	smtp_client_free(c);
	if (said.n > 0)
		memcpy(ret->said, said.p, said.n);
	buf_done(&said);
}

#define LATER OUTCOME_LATER
#define OK    OUTCOME_OK

/* What each policy makes of each kind of host. The chunk of 1 sends nothing
 * ahead. */
Test(client_tls, policies)
{
	static const struct {
		const char *what, *says;
		int result;
		struct {
			int kind;
			unsigned calls;
			bool in_tls;
		} by_policy[4];
	} rows[] = {
		{ "offered",
		  OFFER "220 go\r\n" AGAIN,
		  0,
		  { { OK, 0, false },
		    { OK, 1, true },
		    { OK, 1, true },
		    { OK, 1, true } } },
		{ "not offered",
		  "220 there\r\n250 there\r\n",
		  0,
		  { { OK, 0, false },
		    { OK, 0, false },
		    { LATER, 0, false },
		    { LATER, 0, false } } },
		{ "knows HELO only",
		  "220 there\r\n500 what\r\n250 there\r\n",
		  0,
		  { { OK, 0, false },
		    { OK, 0, false },
		    { LATER, 0, false },
		    { LATER, 0, false } } },
		{ "454",
		  OFFER "454 4.7.0 not now\r\n",
		  0,
		  { { OK, 0, false },
		    { OK, 0, false },
		    { LATER, 0, false },
		    { LATER, 0, false } } },
		{ "501",
		  OFFER "501 5.5.4 what\r\n",
		  0,
		  { { OK, 0, false },
		    { OK, 0, false },
		    { LATER, 0, false },
		    { LATER, 0, false } } },
		{ "handshake fails",
		  OFFER "220 go\r\n" AGAIN,
		  -EPROTO,
		  { { OK, 0, false },
		    { LATER, 1, false },
		    { LATER, 1, false },
		    { LATER, 1, false } } },
		{ "250 for 220",
		  OFFER "250 go\r\n" AGAIN,
		  0,
		  { { OK, 0, false },
		    { LATER, 0, false },
		    { LATER, 0, false },
		    { LATER, 0, false } } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int p = TLS_NEVER; p <= TLS_VERIFY; p++) {
			struct came c;

			greet(rows[i].says, 1, (enum tls_policy)p, false,
			      rows[i].result, &c);
			cr_expect_eq((int)c.outcome.kind,
				     rows[i].by_policy[p].kind, "%s, %d",
				     rows[i].what, p);
			cr_expect_eq(c.calls, rows[i].by_policy[p].calls,
				     "%s, %d", rows[i].what, p);
			cr_expect_eq(c.in_tls, rows[i].by_policy[p].in_tls,
				     "%s, %d", rows[i].what, p);
			if (c.outcome.kind == OUTCOME_LATER)
				cr_expect_str_eq(c.outcome.status, "4.7.5",
						 "%s, %d", rows[i].what, p);
		}
}

/* RFC 3207 §4.2: what was offered in the clear is forgotten. */
Test(client_tls, the_second_ehlo_counts_alone)
{
	struct came c;

	greet(OFFER "220 go\r\n" AGAIN, 1, TLS_OPPORTUNISTIC, false, 0, &c);
	cr_assert_eq(c.offers, CLIENT_PIPELINING);
	cr_assert_str_eq(c.said, "EHLO here\r\nSTARTTLS\r\nEHLO here\r\n"
				 "QUIT\r\n");
}

/* Text behind the 220 came in the clear and would be read as if it had not. */
Test(client_tls, injection)
{
	for (int p = TLS_OPPORTUNISTIC; p <= TLS_VERIFY; p++) {
		struct came c;

		greet(OFFER "220 go\r\n250 SIZE 1\r\n", 0, (enum tls_policy)p,
		      false, 0, &c);
		cr_assert_eq(c.outcome.kind, OUTCOME_LATER);
		cr_assert_eq(c.calls, 0);
		cr_assert(!c.tls_failed, "the clear is no way out");
		cr_assert_null(strstr(c.said, "QUIT"), "not a word more");
	}
}

Test(client_tls, a_failure_is_told)
{
	struct came c;

	greet(OFFER "220 go\r\n", 1, TLS_VERIFY, false, -EPROTO, &c);
	cr_assert(c.tls_failed);
	cr_assert_str_eq(c.text, "TLS failed: expired");
	greet(OFFER, 1, TLS_OPPORTUNISTIC, false, 0, &c);
	cr_assert(c.tls_failed, "hung up on STARTTLS");
	greet(OFFER "421 4.3.2 full\r\n", 1, TLS_OPPORTUNISTIC, false, 0, &c);
	cr_assert(!c.tls_failed, "421 is about more than TLS");
	cr_assert_eq(c.outcome.kind, OUTCOME_LATER);
	greet(OFFER "454 no key\r\n", 1, TLS_REQUIRED, false, 0, &c);
	cr_assert_str_eq(c.text, "STARTTLS was refused: 454 no key");
}

Test(client_tls, implicit)
{
	struct came c;

	greet("220 there\r\n250-there\r\n250 STARTTLS\r\n", 1, TLS_REQUIRED,
	      true, 0, &c);
	cr_assert_eq(c.outcome.kind, OUTCOME_OK);
	cr_assert_eq(c.calls, 1);
	cr_assert(c.in_tls);
	cr_assert_str_eq(c.said, "EHLO here\r\nQUIT\r\n");
	greet("220 there\r\n", 1, TLS_REQUIRED, true, -ECONNRESET, &c);
	cr_assert_eq(c.outcome.kind, OUTCOME_LATER);
	cr_assert_str_eq(c.said, "");
}

static ssize_t no_body(void *context, uint64_t offset, void *p, size_t n)
{
	(void)context;
	(void)offset;
	(void)p;
	(void)n;
	return 0;
}

/* RFC 8689 §4.2.1: verified, and promised over there; else not a word. */
Test(client_tls, requiretls)
{
	static const struct {
		const char *offers;
		enum tls_policy policy;
		bool verified, sent;
	} rows[] = {
		{ "250-t\r\n250 REQUIRETLS\r\n", TLS_VERIFY, true, true },
		{ "250-t\r\n250 REQUIRETLS\r\n", TLS_REQUIRED, false, false },
		{ "250 t\r\n", TLS_VERIFY, true, false },
		{ "", TLS_NEVER, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake f = { .verified = rows[i].verified };
		struct client_security security = { rows[i].policy, false,
						    shake, &f };
		struct recipient to = { .address = SLICE("b@x.example") };
		struct envelope env = { .to = &to,
					.n_to = 1,
					.requiretls = true };
		struct buf said = BUF(1000);
		struct outcome o = { .kind = OUTCOME_OK };
		struct smtp_client *c;
		char says[300];

		(void)snprintf(says, sizeof(says),
			       "220 t\r\n250-t\r\n250-REQUIRETLS\r\n"
			       "250 STARTTLS\r\n%s%s250 s\r\n250 r\r\n354 d"
			       "\r\n250 e\r\n",
			       rows[i].policy ? "220 go\r\n" : "",
			       rows[i].offers);
		c = smtp_client_new(stream_new_memory(slice_of(says), 1, &said),
				    SLICE("here"));
		smtp_client_secure(c, &security);
		cr_assert_eq(smtp_client_greet(c).kind, OUTCOME_OK);
		cr_assert(smtp_client_send(c, &env, &(size_t){ 0 }, 1, no_body,
					   NULL, &o));
		cr_expect_eq(o.kind == OUTCOME_OK, rows[i].sent, "%zu", i);
		if (!rows[i].sent)
			cr_expect_str_eq(o.status, "5.7.30", "%zu", i);
		smtp_client_free(c);
		cr_assert_eq(buf_put_byte(&said, '\0'), 0);
		cr_expect_eq(strstr(said.p, "MAIL FROM:<> REQUIRETLS\r\n") !=
				     NULL,
			     rows[i].sent, "%zu: %s", i, said.p);
		buf_done(&said);
	}
}
