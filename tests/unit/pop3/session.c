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
