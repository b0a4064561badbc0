/* SPDX-License-Identifier: ISC */
/* STLS (RFC 2595) and AUTH (RFC 5034), in any chunking. */
#include <criterion/criterion.h>

#include "tests/unit/pop3/talk.h"

static const struct {
	const char *in, *inside, *out; /* a reply's beginning each, with '|' */
} sessions[] = {
	{ "STLS\r\n", "QUIT\r\n", "+OK begin|+OK goodbye" },
	{ "USER alice\r\nSTLS\r\n", "PASS secret\r\n" LOGIN "STLS\r\n",
	  "+OK now|+OK begin|-ERR not in|+OK now|+OK 3 mess|-ERR not in" },
	{ "STLS\r\n", "STLS\r\n", "+OK begin|-ERR TLS is on" },
	{ "STLS now\r\n", "", "-ERR arg" },
	{ LOGIN "STLS\r\n", "", "+OK|+OK|-ERR not in" },
	/* what follows STLS in the clear is never a command */
	{ "STLS\r\n" LOGIN, "", "-ERR nothing may follow" },
	{ "STLS\r\nQ", "QUIT\r\n", "-ERR nothing may follow" },
	{ "AUTH PLAIN c2VjcmV0\r\nSTAT\r\n", "", "+OK 3 mess|+OK 3 85" },
	{ "AUTH plain\r\nc2VjcmV0\r\nSTAT\r\n", "", "+ |+OK 3 mess|+OK 3 85" },
	{ "AUTH LOGIN\r\nYQ==\r\nc2VjcmV0\r\n", "",
	  "+ VXNlcm5hbWU6|+ UGFzc3dvcmQ6|+OK 3 mess" },
	{ "AUTH PLAIN =\r\n", "", "-ERR [AUTH]" },
	{ "AUTH PLAIN d3Jvbmc=\r\n", "", "-ERR [AUTH]" },
	{ "AUTH PLAIN bGF0ZXI=\r\n", "", "-ERR [SYS/TEMP]" },
	{ "AUTH PLAIN d2FpdA==\r\n", "", "-ERR [SYS/TEMP]" },
	{ "AUTH PLAIN !\r\nNOOP\r\n", "", "-ERR that is no|-ERR not in" },
	{ "AUTH PLAIN\r\n*\r\nQUIT\r\n", "", "+ |-ERR login canc|+OK goodbye" },
	{ "AUTH KERBEROS_V4\r\n", "", "-ERR no such way" },
	{ "AUTH NEEDY\r\n", "", "-ERR no passwords" },
	{ "AUTH PLAIN a b\r\n", "", "-ERR arg" },
	{ "AUTH\r\n", "", "+OK|PLAIN|LOGIN|." },
	{ "AUTH PLAIN\r\n", "", "+ " },
	{ "AUTH PLAIN\r\nc2Vj", "", "+ " },
	{ "AUTH PLAIN\r\nc2VjcmV0\nQUIT\r\n", "", "+ |-ERR a line ends" },
	{ LOGIN "AUTH PLAIN\r\n", "", "+OK|+OK|-ERR not in" },
	{ "USER alice\r\nAUTH PLAIN\r\n*\r\nPASS secret\r\n", "",
	  "+OK|+ |-ERR login canc|-ERR not in" },
	{ "AUTH PLAIN d3Jvbmc=\r\nAUTH PLAIN\r\nd3Jvbmc=\r\n"
	  "AUTH PLAIN d3Jvbmc=\r\nQUIT\r\n",
	  "", "-ERR [AUTH]|+ |-ERR [AUTH]|-ERR [AUTH]|-ERR [AUTH] too many" },
};

/* Is each line of `said` what a field of `want` begins? */
static bool fits(const char *said, const char *want)
{
	struct slice lines = slice_of(said), fields = slice_of(want);
	struct slice line, field;

	while (slice_field(&fields, '|', &field))
		if (!slice_field(&lines, '\n', &line) ||
		    !slice_starts(line, field))
			return false;
	return lines.n == 0;
}

Test(security, sessions_in_any_chunking)
{
	const size_t chunks[] = { 0, 1, 2, 7 };

	for (size_t i = 0; i < ARRAY_LEN(sessions); i++)
		for (size_t k = 0; k < ARRAY_LEN(chunks); k++) {
			struct talk t;
			const char *said;

			talk_new(&t);
			t.tls = true;
			t.security.mechanisms = "PLAIN LOGIN";
			t.security.inside = sessions[i].inside;
			said = talk(&t, sessions[i].in, chunks[k]);
			cr_expect(fits(said, sessions[i].out),
				  "row %zu chunk %zu: %s", i, chunks[k], said);
			talk_done(&t);
		}
}

Test(security, capa_says_what_there_is)
{
	struct talk t;
	char *inside;

	talk_new(&t);
	(void)talk(&t, "CAPA\r\nSTLS\r\n", 0);
	cr_expect(strstr(t.output.p, "STLS\r\n") == NULL);
	cr_expect(strstr(t.output.p, "SASL") == NULL);
	cr_expect(strstr(t.output.p, "-ERR not offered"));
	t.tls = true;
	t.security.mechanisms = "PLAIN LOGIN";
	t.security.inside = "CAPA\r\n";
	(void)talk(&t, "CAPA\r\nSTLS\r\n", 0);
	inside = strstr(t.output.p, "+OK begin");
	cr_assert(inside);
	cr_expect(strstr(inside, "STLS\r\n") == NULL);
	*inside = '\0';
	cr_expect(strstr(t.output.p, "\nSTLS\r\n"));
	cr_expect(strstr(t.output.p, "\nSASL PLAIN LOGIN\r\n"));
	talk_done(&t);
}

Test(security, a_failed_handshake_is_the_end)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.tls = true;
	t.security.tls_error = -EPROTO;
	t.security.inside = "QUIT\r\n";
	said = talk(&t, "STLS\r\n", 0);
	cr_expect_str_eq(said, "+OK begin TLS\r\n");
	talk_done(&t);
}

Test(security, what_could_only_fail_is_not_begun)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.tls = true;
	t.security.unready = -EACCES;
	said = talk(&t, "STLS\r\n", 0);
	cr_expect(fits(said, "-ERR [SYS/TEMP] TLS is out"), "%s", said);
	cr_expect_eq(t.security.handshakes, 0);
	talk_done(&t);
}

Test(security, an_exchange_left_is_cancelled)
{
	struct talk t;

	talk_new(&t);
	t.security.mechanisms = "PLAIN";
	(void)talk(&t, "AUTH PLAIN\r\n*\r\nAUTH PLAIN\r\nc2Vj", 3);
	cr_expect_eq(t.security.cancelled, 2);
	talk_done(&t);
}
