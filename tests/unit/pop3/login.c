/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/pop3/talk.h"

Test(login, password_is_the_rest_of_the_line)
{
	struct talk t;

	talk_new(&t);
	(void)talk(&t, "USER alice\r\nPASS  two words \r\n", 1);
	cr_expect_str_eq(t.security.name, "alice");
	cr_expect_str_eq(t.security.word, " two words ");
	talk_done(&t);
}

Test(login, a_name_that_may_come_is_a_reason_to_get_ready)
{
	static const struct {
		const char *input;
		bool plain_ok;
		unsigned expected;
	} rows[] = {
		{ "CAPA\r\nQUIT\r\n", true, 0 },
		{ "USER\r\n", true, 0 },
		{ "USER alice\r\n", true, 1 },
		{ "USER alice\r\n", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct talk t;

		talk_new(&t);
		t.plain_ok = rows[i].plain_ok;
		(void)talk(&t, rows[i].input, 0);
		cr_expect_eq(t.security.expected, rows[i].expected,
			     "row %zu: %u", i, t.security.expected);
		talk_done(&t);
	}
}

Test(login, outcomes)
{
	static const struct {
		enum auth_step password;
		enum pop3_login login;
		const char *start;
	} rows[] = {
		{ AUTH_STEP_YES, POP3_LOGIN_OK, "+OK 3 messages (3 new), " },
		{ AUTH_STEP_NO, POP3_LOGIN_OK, "-ERR [AUTH] " },
		{ AUTH_STEP_AGAIN, POP3_LOGIN_OK, "-ERR [SYS/TEMP] " },
		{ AUTH_STEP_WAIT, POP3_LOGIN_OK, "-ERR [SYS/TEMP] " },
		{ AUTH_STEP_NEED_TLS, POP3_LOGIN_OK, "-ERR no passwords" },
		{ AUTH_STEP_YES, POP3_LOGIN_IN_USE, "-ERR [IN-USE] " },
		{ AUTH_STEP_YES, POP3_LOGIN_DELAY, "-ERR [LOGIN-DELAY] " },
		{ AUTH_STEP_YES, POP3_LOGIN_TEMP, "-ERR [SYS/TEMP] " },
		{ AUTH_STEP_YES, POP3_LOGIN_PERM, "-ERR [SYS/PERM] " },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct talk t;
		const char *said;

		talk_new(&t);
		t.login = rows[i].login;
		t.security.password = rows[i].password;
		said = strchr(talk(&t, LOGIN, 0), '\n') + 1;
		cr_expect_eq(
			strncmp(said, rows[i].start, strlen(rows[i].start)), 0,
			"row %zu: %s", i, said);
		cr_expect_eq(t.drop.closed, said[0] == '+');
		talk_done(&t);
	}
}

Test(login, says_how_full_it_is)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.fill = "40 % of 1 GB";
	said = strchr(talk(&t, LOGIN "STAT\r\n", 0), '\n') + 1;
	cr_expect_str_eq(said,
			 "+OK 3 messages (3 new), 40 % of 1 GB, 85 octets\r\n"
			 "+OK 3 85\r\n");
	talk_done(&t);
}

Test(login, only_so_many_times)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.security.password = AUTH_STEP_NO;
	said = talk(&t, LOGIN LOGIN LOGIN LOGIN "QUIT\r\n", 0);
	cr_expect_eq(t.security.passwords, 3);
	cr_expect(strstr(said, "too many failed logins") != NULL, "%s", said);
	cr_expect(strstr(said, "goodbye") == NULL, "%s", said);
	talk_done(&t);
}

Test(login, pass_needs_user)
{
	struct talk t;

	talk_new(&t);
	(void)talk(&t, "PASS secret\r\n", 0);
	cr_expect_eq(t.security.passwords, 0);
	t.security.password = AUTH_STEP_NO;
	/* a refused name is forgotten */
	(void)talk(&t, LOGIN "PASS secret\r\n", 0);
	cr_expect_eq(t.security.passwords, 1);
	talk_done(&t);
}

Test(login, no_passwords_in_the_clear)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.plain_ok = false;
	said = talk(&t, LOGIN "CAPA\r\n", 0);
	cr_expect_eq(t.security.passwords, 0);
	cr_expect(strstr(said, "\nUSER\r\n") == NULL, "%s", said);
	talk_done(&t);
}
