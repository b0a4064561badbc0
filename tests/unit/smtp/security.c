/* SPDX-License-Identifier: ISC */
/* STARTTLS and AUTH in whole sessions over memory: every reply, in any
 * chunking. */
#include <criterion/criterion.h>

#include "tests/unit/security.h"
#include "tests/unit/smtp/double.h"

struct fake {
	struct security security; /* first: it is the hooks' context */
	char login[32];
	struct buf text;
	bool requiretls, tls_optional;
	struct envelope *env;
};

static int fake_begin(void *context, struct envelope *env)
{
	((struct fake *)context)->env = env;
	return 0;
}

static int fake_write(void *context, struct slice bytes)
{
	return buf_put(&((struct fake *)context)->text, bytes);
}

static int fake_commit(void *context, uint64_t octets)
{
	struct fake *f = context;

	(void)octets;
	f->requiretls = f->env->requiretls;
	f->tls_optional = f->env->tls_optional;
	return 0;
}

static void fake_login(void *context, struct slice login)
{
	struct fake *f = context;

	(void)snprintf(f->login, sizeof(f->login), "%.*s", SLICE_ARG(login));
}

static struct smtp_config config(void)
{
	return (struct smtp_config){
		.role = SMTP_MX,
		.host = SLICE("mx.example"),
		.message_max = 100000,
		.recipients_max = 3,
		.errors_max = 20,
		.commands_max = 100,
		.text_line_max = 1000,
		.hops_max = 9,
		.logins_max = 3,
	};
}

/* What was said, whole. */
static void converse(struct fake *f, const struct smtp_config *c, bool tls,
		     struct slice in, size_t chunk, struct buf *out)
{
	const struct auth_hooks auth = security_auth(&f->security);
	struct smtp_hooks hooks = double_hooks(f);
	struct stream *s = stream_new_memory(in, chunk, out);

	hooks.begin = fake_begin;
	hooks.write = fake_write;
	hooks.commit = fake_commit;
	hooks.tls_ready = security_ready;
	hooks.starttls = tls ? security_handshake : NULL;
	hooks.login = fake_login;
	hooks.auth = &auth;
	f->security.chunk = chunk;
	ignore(smtp_serve(s, c, &hooks));
	stream_free(s);
	cr_assert_eq(buf_put_byte(out, '\0'), 0);
}

#define HELLO "EHLO c.example\r\n"
#define TLS   HELLO "STARTTLS\r\n"
#define MAIL  "MAIL FROM:<a@b.example>\r\n"
#define RCPT  "RCPT TO:<c@mx.example>\r\n"
#define PLAIN "AUTH PLAIN c2VjcmV0\r\n"

static const struct {
	const char *in, *inside, *codes;
} sessions[] = {
	/* STARTTLS: forgotten is what was said, and not offered again */
	{ TLS, HELLO "QUIT\r\n", "220 250 220 250 221" },
	{ TLS, MAIL HELLO MAIL, "220 250 220 503 250 250" },
	{ TLS, PLAIN HELLO PLAIN, "220 250 220 503 250 235" },
	{ TLS, HELLO "STARTTLS\r\n", "220 250 220 250 503" },
	{ "STARTTLS\r\n", "", "220 503" },
	{ HELLO MAIL "STARTTLS\r\n", "", "220 250 250 503" },
	{ HELLO "STARTTLS now\r\n", "", "220 250 501" },
	{ HELLO PLAIN "STARTTLS\r\n", "", "220 250 235 503" },
	/* what follows STARTTLS in the clear is never a command */
	{ TLS HELLO, "", "220 250 554" },
	{ TLS MAIL RCPT, HELLO, "220 250 554" },
	{ TLS "N", "", "220 250 554" },
	/* AUTH */
	{ HELLO PLAIN "QUIT\r\n", "", "220 250 235 221" },
	{ HELLO "auth plain\r\nc2VjcmV0\r\nNOOP\r\n", "",
	  "220 250 334 235 250" },
	{ HELLO "AUTH LOGIN\r\nYQ==\r\nc2VjcmV0\r\n", "",
	  "220 250 334 334 235" },
	{ HELLO "AUTH PLAIN =\r\n", "", "220 250 535" },
	{ HELLO "AUTH PLAIN d3Jvbmc=\r\n", "", "220 250 535" },
	{ HELLO "AUTH PLAIN bGF0ZXI=\r\n", "", "220 250 454" },
	{ HELLO "AUTH PLAIN d2FpdA==\r\n", "", "220 250 454" },
	{ HELLO "AUTH PLAIN !!\r\nAUTH PLAIN\r\n?\r\n", "",
	  "220 250 501 334 501" },
	{ HELLO "AUTH PLAIN\r\n*\r\nNOOP\r\n", "", "220 250 334 501 250" },
	{ HELLO "AUTH LOGIN\r\nYQ==\r\n*\r\n" PLAIN, "",
	  "220 250 334 334 501 235" },
	{ HELLO "AUTH\r\nAUTH PLAIN a b\r\n", "", "220 250 501 501" },
	{ HELLO "AUTH KERBEROS_V4\r\n", "", "220 250 504" },
	{ HELLO "AUTH NEEDY\r\n", "", "220 250 538" },
	{ PLAIN "HELO x\r\n" PLAIN, "", "220 503 250 503" },
	{ HELLO MAIL PLAIN "RSET\r\n" PLAIN, "", "220 250 250 503 250 235" },
	{ HELLO PLAIN PLAIN, "", "220 250 235 503" },
	{ HELLO "AUTH PLAIN\r\n", "", "220 250 334" },
	{ HELLO "AUTH PLAIN\r\nc2Vj", "", "220 250 334" },
	{ HELLO "AUTH PLAIN\r\nc2VjcmV0\nNOOP\r\n", "", "220 250 334 521" },
	/* three wrong ones, and the end */
	{ HELLO "AUTH PLAIN d3Jvbmc=\r\nAUTH PLAIN d3Jvbmc=\r\n"
		"AUTH PLAIN\r\nd3Jvbmc=\r\nNOOP\r\n",
	  "", "220 250 535 535 334 535 421" },
	/* parameters */
	{ HELLO "MAIL FROM:<> AUTH=<>\r\n", "", "220 250 250" },
	{ HELLO "MAIL FROM:<> AUTH=e+3Dmc2@example.com\r\n", "",
	  "220 250 250" },
	{ HELLO "MAIL FROM:<> AUTH=a+3\r\n", "", "220 250 501" },
	{ HELLO "MAIL FROM:<> AUTH=\r\n", "", "220 250 501" },
	{ HELLO "MAIL FROM:<> REQUIRETLS\r\n", "", "220 250 555" },
	{ TLS, HELLO "MAIL FROM:<> REQUIRETLS=1\r\n", "220 250 220 250 501" },
	{ TLS, HELLO "MAIL FROM:<> REQUIRETLS\r\n", "220 250 220 250 250" },
};

Test(security, sessions_in_any_chunking)
{
	const struct smtp_config c = config();
	const size_t chunks[] = { 0, 1, 2, 7 };

	for (size_t i = 0; i < ARRAY_LEN(sessions); i++)
		for (size_t k = 0; k < ARRAY_LEN(chunks); k++) {
			struct fake f = { .security = {
						  .mechanisms = "PLAIN LOGIN",
						  .inside = sessions[i].inside,
					  } };
			struct buf out = BUF(1U << 20);
			char got[256];

			converse(&f, &c, true, slice_of(sessions[i].in),
				 chunks[k], &out);
			double_codes(buf_slice(&out), got, sizeof(got));
			cr_expect_str_eq(got, sessions[i].codes,
					 "row %zu chunk %zu: %s", i, chunks[k],
					 got);
			buf_done(&out);
		}
}

Test(security, a_cancelled_exchange_is_cancelled)
{
	static const char *const gone[] = {
		HELLO "AUTH PLAIN\r\n*\r\n",
		HELLO "AUTH PLAIN\r\n",
		HELLO "AUTH LOGIN\r\nYQ==\r\nc2Vj",
		HELLO "AUTH PLAIN\r\na\nb\r\n",
	};
	const struct smtp_config c = config();

	for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
		struct fake f = { .security = { .mechanisms = "PLAIN LOGIN" } };
		struct buf out = BUF(1U << 20);

		converse(&f, &c, true, slice_of(gone[i]), 1, &out);
		cr_expect_eq(f.security.cancelled, 1, "row %zu", i);
		cr_expect_str_eq(f.login, "");
		buf_done(&out);
	}
}

Test(security, ehlo_says_what_there_is)
{
	struct fake f = { .security = { .mechanisms = "PLAIN LOGIN",
					.inside = HELLO PLAIN HELLO } };
	const struct smtp_config c = config();
	struct buf out = BUF(1U << 20);
	char *inside;

	converse(&f, &c, true, SLICE(TLS), 0, &out);
	inside = strstr(out.p, "220 2.0.0");
	cr_assert(inside);
	cr_expect(strstr(inside, "STARTTLS") == NULL);
	cr_expect(strstr(inside, "250-REQUIRETLS\r\n"));
	cr_expect(strstr(inside, "250-AUTH PLAIN LOGIN\r\n"));
	cr_expect(strstr(strstr(inside, "235 "), "AUTH") == NULL);
	*inside = '\0';
	cr_expect(strstr(out.p, "250-STARTTLS\r\n"));
	cr_expect(strstr(out.p, "REQUIRETLS") == NULL);
	cr_expect_str_eq(f.login, "alice");
	buf_reset(&out);
	f.security.mechanisms = "";
	converse(&f, &c, false, SLICE(TLS), 0, &out);
	cr_expect(strstr(out.p, "AUTH") == NULL);
	cr_expect(strstr(out.p, "250-STARTTLS") == NULL);
	cr_expect(strstr(out.p, "502 5.5.1"));
	buf_done(&out);
}

Test(security, a_failed_handshake_is_the_end)
{
	struct fake f = { .security = { .inside = HELLO,
					.tls_error = -EPROTO } };
	const struct smtp_config c = config();
	struct buf out = BUF(1U << 20);
	char got[64];

	converse(&f, &c, true, SLICE(TLS), 0, &out);
	double_codes(buf_slice(&out), got, sizeof(got));
	cr_expect_str_eq(got, "220 250 220");
	cr_expect_eq(f.security.handshakes, 1);
	buf_done(&out);
}

Test(security, what_could_only_fail_is_not_begun)
{
	struct fake f = { .security = { .unready = -EACCES } };
	const struct smtp_config c = config();
	struct buf out = BUF(1U << 20);
	char got[64];

	converse(&f, &c, true, SLICE(TLS), 0, &out);
	double_codes(buf_slice(&out), got, sizeof(got));
	cr_expect_str_eq(got, "220 250 454");
	cr_expect_eq(f.security.handshakes, 0);
	buf_done(&out);
	/* and the session goes on; commands behind it are an attack as ever */
	out = BUF(1U << 20);
	converse(&f, &c, true, SLICE(TLS "QUIT\r\n"), 1, &out);
	double_codes(buf_slice(&out), got, sizeof(got));
	cr_expect(strcmp(got, "220 250 454 221") == 0 ||
			  strcmp(got, "220 250 554") == 0,
		  "%s", got);
	buf_done(&out);
}

Test(security, lines_have_their_limit)
{
	static char in[40000];
	struct fake f = { .security = { .mechanisms = "PLAIN" } };
	const struct smtp_config c = config();
	struct buf out = BUF(1U << 20);
	const size_t n =
		(size_t)snprintf(in, sizeof(in), "%s", HELLO "AUTH PLAIN\r\n");
	char got[64];

	/* the longest that is allowed, then one octet more */
	memset(in + n, 'A', AUTH_LINE_MAX - 2);
	memcpy(in + n + AUTH_LINE_MAX - 2, "\r\nNOOP\r\n", 9);
	converse(&f, &c, true, slice_of(in), 0, &out);
	double_codes(buf_slice(&out), got, sizeof(got));
	cr_expect_str_eq(got, "220 250 334 501 250", "%s", got);
	cr_expect_eq(f.security.responses, 1);
	buf_reset(&out);
	memset(in + n, 'A', AUTH_LINE_MAX + 1);
	memcpy(in + n + AUTH_LINE_MAX + 1, "\r\nNOOP\r\n", 9);
	converse(&f, &c, true, slice_of(in), 7, &out);
	double_codes(buf_slice(&out), got, sizeof(got));
	cr_expect_str_eq(got, "220 250 334 500 250", "%s", got);
	cr_expect_eq(f.security.responses, 1);
	buf_done(&out);
}

Test(security, submission_wants_tls_then_a_login)
{
	struct fake f = { .security = { .mechanisms = "PLAIN",
					.inside = HELLO MAIL PLAIN MAIL } };
	struct smtp_config c = config();
	struct buf out = BUF(1U << 20);
	char got[64];

	c.role = SMTP_SUBMISSION;
	c.need_tls = true;
	converse(&f, &c, true, SLICE(HELLO MAIL PLAIN "STARTTLS\r\n"), 0, &out);
	double_codes(buf_slice(&out), got, sizeof(got));
	cr_expect_str_eq(got, "220 250 530 530 220 250 530 235 250");
	buf_done(&out);
}

static void trace(const char *in, bool tls, bool login, const char *with)
{
	static const struct tls_info info = { .version = "TLS1.3",
					      .cipher = "SOME_CIPHER" };
	struct fake f = { .security = { .mechanisms = "PLAIN" },
			  .text = BUF(1U << 20) };
	struct smtp_config c = config();
	struct buf out = BUF(1U << 20);
	char whole[512];

	c.tls = tls ? &info : NULL;
	(void)snprintf(whole, sizeof(whole), "%s%s%s%s", HELLO,
		       login ? PLAIN : "", in,
		       RCPT "DATA\r\nA: b\r\n\r\n.\r\n");
	converse(&f, &c, true, slice_of(whole), 0, &out);
	cr_assert_eq(buf_put_byte(&f.text, '\0'), 0);
	cr_expect(strstr(f.text.p, with), "%s: %s", with, f.text.p);
	cr_expect_eq(strstr(f.text.p, "SOME_CIPHER") != NULL, tls);
	buf_done(&f.text);
	buf_done(&out);
}

Test(security, received_says_how)
{
	trace(MAIL, false, false, " with ESMTP id");
	trace(MAIL, false, true, " with ESMTPA id");
	trace(MAIL, true, false, " with ESMTPS\n");
	trace(MAIL, true, true, " with ESMTPSA\n");
	trace("MAIL FROM:<a@b.example> SMTPUTF8\r\n", true, true,
	      " with UTF8SMTPSA\n");
}

/* RFC 8689 §3, §4.1 */
Test(security, the_way_on_is_kept)
{
	static const struct {
		const char *mail, *header;
		bool requiretls, tls_optional;
	} rows[] = {
		{ MAIL, "A: b\r\n", false, false },
		{ MAIL, "TLS-Required: No\r\n", false, true },
		{ MAIL, "tls-required:\r\n  no \r\n", false, true },
		{ MAIL, "TLS-Required: yes\r\n", false, false },
		{ MAIL, "TLS-Required: No\r\nTLS-Required: No\r\n", false,
		  false },
		{ "MAIL FROM:<> REQUIRETLS\r\n", "A: b\r\n", true, false },
		{ "MAIL FROM:<> REQUIRETLS\r\n", "TLS-Required: No\r\n", true,
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static const struct tls_info info = { .version = "TLS1.3" };
		struct fake f = { .text = BUF(1U << 20) };
		struct smtp_config c = config();
		struct buf out = BUF(1U << 20);
		char whole[512];

		c.tls = &info;
		(void)snprintf(whole, sizeof(whole), "%s%s%s%s%s", HELLO,
			       rows[i].mail, RCPT "DATA\r\n", rows[i].header,
			       "\r\nTLS-Required: No\r\n.\r\n");
		converse(&f, &c, true, slice_of(whole), 1, &out);
		cr_expect(strstr(out.p, "250 2.6.0"), "row %zu", i);
		cr_expect_eq(f.requiretls, rows[i].requiretls, "row %zu", i);
		cr_expect_eq(f.tls_optional, rows[i].tls_optional, "row %zu",
			     i);
		buf_done(&f.text);
		buf_done(&out);
	}
}
