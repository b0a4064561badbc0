/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/pop3/talk.h"

Test(session, troubles)
{
	static const struct {
		const char *say;
		const char *hear;
	} rows[] = {
		{ "BLAH\r\nQUIT\r\n",
		  "-ERR unknown command\r\n+OK goodbye\r\n" },
		{ "STAT\r\n", "-ERR not in this state\r\n" },
		{ "NOOP\nQUIT\r\n",
		  "-ERR a line ends in CR LF, not in one alone\r\n" },
		{ "NO\rOP\r\nQUIT\r\n",
		  "-ERR a line ends in CR LF, not in one alone\r\n" },
		{ "QUIT", "" },
		{ "", "" },
	};
	struct talk t;

	talk_new(&t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(talk(&t, rows[i].say, 1), rows[i].hear,
				 "row %zu", i);
	talk_done(&t);
}

Test(session, long_lines_and_many_errors)
{
	char input[64 * 8 + 1] = "";
	char line[700];
	struct talk t;
	const char *said;
	size_t errors = 0;

	talk_new(&t);
	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 9, "\r\nQUIT\r\n", 9);
	cr_expect_str_eq(talk(&t, line, 7), "-ERR command line too long\r\n"
					    "+OK goodbye\r\n");
	for (size_t i = 0; i < 64; i++)
		memcpy(input + i * 6, "BLAH\r\n", 7);
	said = talk(&t, input, 0);
	for (const char *p = said; (p = strstr(p, "-ERR")); p++)
		errors++;
	cr_expect_eq(errors, 51);
	cr_expect(strstr(said, "too many errors") != NULL);
	talk_done(&t);
}

struct seen {
	unsigned events;
	bool secret;
	char last[64];
};

static void sink(void *context, const struct log_kind *kind,
		 const struct log_field *fields, size_t n)
{
	struct seen *seen = context;

	seen->events++;
	(void)snprintf(seen->last, sizeof(seen->last), "%s", kind->text);
	for (size_t i = 0; i < n; i++)
		if (memmem(fields[i].value.p, fields[i].value.n, "secret", 6))
			seen->secret = true;
}

Test(session, logs_and_keeps_the_password)
{
	struct seen seen = { 0 };
	struct talk t;

	talk_new(&t);
	log_set_sink(sink, &seen);
	(void)talk(&t, LOGIN "QUIT\r\n", 0);
	cr_expect_eq(seen.events, 2);
	cr_expect_str_eq(seen.last, "POP3 session ended");
	t.security.password = AUTH_STEP_NO;
	(void)talk(&t, LOGIN "QUIT\r\n", 0);
	cr_expect_eq(seen.events, 3);
	cr_expect_str_eq(seen.last, "POP3 login failed");
	cr_expect_not(seen.secret);
	log_set_sink(NULL, NULL);
	talk_done(&t);
}

Test(session, refusal)
{
	struct buf out = BUF(1000);
	struct stream *s = stream_new_memory(SLICE(""), 0, &out);

	pop3_refuse(s, "not now");
	stream_free(s);
	cr_expect(slice_eq(buf_slice(&out),
			   SLICE("-ERR [SYS/TEMP] not now\r\n")));
	buf_done(&out);
}

static enum pop3_login away(void *context, struct maildrop **ret,
			    struct slice *ret_fill)
{
	(void)context, (void)ret, (void)ret_fill;
	return POP3_LOGIN_AWAY;
}

static const char *serve(struct talk *t, const struct pop3_hooks *hooks,
			 const char *input)
{
	struct stream *s = stream_new_memory(slice_of(input), 0, &t->output);

	buf_reset(&t->output);
	cr_assert_eq(pop3_serve(s, &t->config, hooks), 0);
	stream_free(s);
	cr_assert_eq(buf_put_byte(&t->output, '\0'), 0);
	return t->output.p;
}

static bool yes(void *context)
{
	(void)context;
	return true;
}

/* The first half ends without a word where the login is good, the second begins
 * with the answer to it. */
Test(session, in_two_processes)
{
	struct pop3_entrance entrance = { .name = SLICE("alice"),
					  .fill = SLICE("4 % of 1 GB") };
	struct talk t;
	struct auth_hooks auth;
	struct pop3_hooks hooks = { .enter = away, .plain_ok = yes };

	talk_new(&t);
	auth = security_auth(&t.security);
	hooks.auth = &auth;
	hooks.context = &t;
	cr_expect_str_eq(serve(&t, &hooks, LOGIN "STAT\r\n"),
			 "+OK mail.example.org POP3 server ready\r\n"
			 "+OK now the password\r\n");
	entrance.maildrop = &t.drop;
	t.config.entrance = &entrance;
	cr_expect_str_eq(serve(&t, &hooks, "STAT\r\nUSER bob\r\nQUIT\r\n"),
			 "+OK 3 messages (3 new), 4 % of 1 GB, 85 octets\r\n"
			 "+OK 3 85\r\n-ERR not in this state\r\n"
			 "+OK goodbye\r\n");
	cr_expect_eq(t.drop.closed, 1);
	talk_done(&t);
}
