/* SPDX-License-Identifier: ISC */
/* Whole sessions over memory, with fake hooks. */
#include <criterion/criterion.h>

#include "tests/unit/smtp/double.h"

struct fake {
	struct buf text;
	unsigned begun, committed, aborted;
	int write_error, commit_error;
};

static struct verdict fake_rcpt(void *context, const struct addr *to,
				const struct recipient *asked,
				struct envelope *env, struct arena *arena)
{
	struct recipient *r;

	(void)context;
	if (slice_eq(to->local, SLICE("nobody")))
		return (struct verdict){ .reply = REPLY_NO_USER };
	r = envelope_add(env, arena);
	if (!r)
		return (struct verdict){ .reply = REPLY_TOO_MANY_RCPTS };
	*r = *asked;
	return (struct verdict){ .reply = REPLY_RCPT_OK };
}

static int fake_begin(void *context, struct envelope *env)
{
	struct fake *f = context;

	(void)env;
	f->begun++;
	buf_reset(&f->text);
	return 0;
}

static int fake_write(void *context, struct slice bytes)
{
	struct fake *f = context;

	return f->write_error < 0 ? f->write_error : buf_put(&f->text, bytes);
}

static int fake_commit(void *context, uint64_t octets)
{
	struct fake *f = context;

	(void)octets;
	f->committed++;
	return f->commit_error;
}

static void fake_abort(void *context)
{
	((struct fake *)context)->aborted++;
}

static struct smtp_config config(void)
{
	return (struct smtp_config){
		.role = SMTP_MX,
		.host = SLICE("mx.example"),
		.message_max = 2000,
		.recipients_max = 3,
		.errors_max = 20,
		.commands_max = 50,
		.text_line_max = 1000,
		.hops_max = 2,
	};
}

/* Run `in` in pieces of `chunk`; the reply codes, blank-separated. */
static void codes(const struct smtp_config *c, struct slice in, size_t chunk,
		  struct fake *f, char *ret, size_t room)
{
	struct smtp_hooks hooks = double_hooks(f);
	struct buf out = BUF(1U << 20);
	struct stream *s = stream_new_memory(in, chunk, &out);

	hooks.rcpt = fake_rcpt;
	hooks.begin = fake_begin;
	hooks.write = fake_write;
	hooks.commit = fake_commit;
	hooks.abort = fake_abort;
	cr_assert_eq(smtp_serve(s, c, &hooks), 0);
	stream_free(s);
	double_codes(buf_slice(&out), ret, room);
	buf_done(&out);
	cr_assert_eq(f->begun, f->committed + f->aborted, "%u begun", f->begun);
}

#define HELLO "EHLO c.example\r\n"
#define MAIL  "MAIL FROM:<a@b.example>\r\n"
#define RCPT  "RCPT TO:<c@mx.example>\r\n"
#define BOTH  HELLO MAIL RCPT

static const struct {
	const char *in, *codes;
	unsigned committed;
} sessions[] = {
	{ HELLO "QUIT\r\n", "220 250 221", 0 },
	{ BOTH "DATA\r\nS: x\r\n\r\n..y\r\n.\r\nQUIT\r\n",
	  "220 250 250 250 354 250 221", 1 },
	{ MAIL RCPT "DATA\r\n", "220 503 503 503", 0 },
	{ HELLO RCPT "DATA\r\n" MAIL MAIL "DATA\r\n",
	  "220 250 503 503 250 503 554", 0 },
	{ BOTH "DATA\r\nx\n.\r\nQUIT\r\n", "220 250 250 250 354 521", 0 },
	{ BOTH "DATA\r\nx\r.\r\nQUIT\r\n", "220 250 250 250 354 521", 0 },
	{ BOTH "DATA\r\nx\r\n.\nQUIT\r\n", "220 250 250 250 354 521", 0 },
	{ "EHLO x\nQUIT\r\n", "220 521", 0 },
	{ BOTH "DATA\r\nhalf\r\n", "220 250 250 250 354", 0 },
	{ "GET / HTTP/1.1\r\n", "220 554", 0 },
	{ "\x16\x03\x01", "220 554", 0 },
	{ HELLO "MAIL FROM:<> SIZE=2001\r\n", "220 250 552", 0 },
	{ HELLO "MAIL FROM:<> SIZE=1 SIZE=1\r\n", "220 250 501", 0 },
	{ HELLO "MAIL FROM:<> AUTH=<>\r\n", "220 250 250", 0 },
	{ HELLO "MAIL FROM:<\xc3\xa9@x.example>\r\n", "220 250 553", 0 },
	{ HELLO "MAIL FROM:<\xc3\xa9@x.example> SMTPUTF8\r\n", "220 250 250",
	  0 },
	{ HELLO "MAIL FROM:<@r.example,@s.example:a@b.example>\r\n"
		"RCPT TO:<postmaster>\r\nRCPT TO:<bob>\r\n"
		"RCPT TO:<nobody@x.example>\r\n",
	  "220 250 250 250 501 550", 0 },
	{ BOTH RCPT RCPT RCPT, "220 250 250 250 250 250 452", 0 },
	{ BOTH "BDAT 3\r\nhi\rBDAT 1 LAST\r\n\nQUIT\r\n",
	  "220 250 250 250 250 250 221", 1 },
	{ BOTH "BDAT 0 LAST\r\nQUIT\r\n", "220 250 250 250 250 221", 1 },
	{ HELLO "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "220 250 503 250", 0 },
	{ BOTH "BDAT x\r\nQUIT\r\n", "220 250 250 250 501", 0 },
	{ BOTH "BDAT 3\r\nx\r\nDATA\r\nRSET\r\nDATA\r\n",
	  "220 250 250 250 250 503 250 503", 0 },
	{ BOTH "DATA\r\nReceived: a\r\nReceived: b\r\nReceived: c\r\n\r\n.\r\n",
	  "220 250 250 250 354 554", 0 },
	{ "VRFY x\r\nVRFY\r\nEXPN x\r\nHELP\r\nAUTH PLAIN\r\nFOO\r\nRSET x\r\n",
	  "220 252 501 502 214 502 500 501", 0 },
};

Test(server, sessions_in_any_chunking)
{
	const struct smtp_config c = config();
	const size_t chunks[] = { 0, 1, 2, 7 };

	for (size_t i = 0; i < ARRAY_LEN(sessions); i++)
		for (size_t k = 0; k < ARRAY_LEN(chunks); k++) {
			struct fake f = { .text = BUF(1U << 20) };
			char got[512];

			codes(&c, slice_of(sessions[i].in), chunks[k], &f, got,
			      sizeof(got));
			cr_expect_str_eq(got, sessions[i].codes,
					 "row %zu chunk %zu: %s", i, chunks[k],
					 got);
			cr_expect_eq(f.committed, sessions[i].committed,
				     "row %zu", i);
			buf_done(&f.text);
		}
}

Test(server, trouble_of_ours_is_told_at_the_end)
{
	const struct smtp_config c = config();
	struct fake f = { .text = BUF(1U << 20), .write_error = -ENOSPC };
	char got[256];

	codes(&c, SLICE(BOTH "DATA\r\nx\r\n.\r\nNOOP\r\n"), 0, &f, got,
	      sizeof(got));
	cr_expect_str_eq(got, "220 250 250 250 354 452 250");
	cr_expect_eq(f.aborted, 1);
	f = (struct fake){ .text = f.text, .commit_error = -EIO };
	codes(&c, SLICE(BOTH "DATA\r\nx\r\n.\r\nNOOP\r\n"), 0, &f, got,
	      sizeof(got));
	cr_expect_str_eq(got, "220 250 250 250 354 451 250");
	f = (struct fake){ .text = f.text, .commit_error = -EDQUOT };
	codes(&c, SLICE(BOTH "DATA\r\nx\r\n.\r\nNOOP\r\n"), 0, &f, got,
	      sizeof(got));
	cr_expect_str_eq(got, "220 250 250 250 354 452 250");
	f = (struct fake){ .text = f.text, .commit_error = -E2BIG };
	codes(&c, SLICE(BOTH "BDAT 1 LAST\r\nxNOOP\r\n"), 0, &f, got,
	      sizeof(got));
	cr_expect_str_eq(got, "220 250 250 250 552 250");
	buf_done(&f.text);
}

Test(server, who_talks_early_is_shown_the_door)
{
	struct smtp_config c = config();
	struct fake f = { .text = BUF(1U << 20) };
	char got[64];

	c.peer_ip = SLICE("192.0.2.1");
	c.greet_wait_ms = 10;
	codes(&c, SLICE(HELLO), 0, &f, got, sizeof(got));
	cr_expect_str_eq(got, "554");
}

Test(server, submission_completes_the_header)
{
	struct smtp_config c = config();
	struct fake f = { .text = BUF(1U << 20) };
	char got[64];

	c.role = SMTP_SUBMISSION;
	codes(&c, SLICE(HELLO MAIL), 0, &f, got, sizeof(got));
	cr_expect_str_eq(got, "220 250 530");
	c.may_relay = true;
	codes(&c, SLICE(BOTH "DATA\r\nSubject: x\r\n\r\nbody\r\n.\r\n"), 1, &f,
	      got, sizeof(got));
	cr_assert_eq(buf_put_byte(&f.text, '\0'), 0);
	cr_expect(strstr(f.text.p, "Subject: x\nDate: "));
	cr_expect(strstr(f.text.p, "@mx.example>\n\nbody\n"));
	buf_done(&f.text);
}
