/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/pop3/talk.h"

Test(capability, same_before_and_after_login)
{
	static const char wanted[] =
		"+OK what this server can do\r\nTOP\r\nUIDL\r\nUSER\r\n"
		"RESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
		"EXPIRE NEVER\r\nLOGIN-DELAY 60\r\nUTF8\r\nLANG\r\n"
		"IMPLEMENTATION postern\r\n.\r\n";
	struct talk t;

	talk_new(&t);
	t.config.login_delay_s = 60;
	cr_expect_str_eq(talk(&t, "CAPA\r\n", 0), wanted);
	cr_expect_str_eq(talk_inside(&t, "CAPA\r\n"), wanted);
	talk_done(&t);
}

Test(capability, languages_and_utf8)
{
	static const struct {
		const char *say;
		const char *hear;
	} rows[] = {
		{ "LANG\r\n", "+OK languages follow\r\nen English\r\n"
			      "i-default Default (English)\r\n.\r\n" },
		{ "LANG EN\r\n", "+OK en it is\r\n" },
		{ "LANG *\r\n", "+OK en it is\r\n" },
		{ "LANG i-default\r\n", "+OK i-default it is\r\n" },
		{ "LANG fr\r\n", "-ERR no such language here\r\n" },
		{ "LANG en fr\r\n", "-ERR arguments not understood\r\n" },
		{ "UTF8\r\n", "+OK UTF-8 it is\r\n" },
		{ "UTF8 x\r\n", "-ERR arguments not understood\r\n" },
		{ "STLS\r\n", "-ERR not offered here, see CAPA\r\n" },
		{ "AUTH\r\n", "-ERR not offered here, see CAPA\r\n" },
		{ "AUTH PLAIN\r\n",
		  "-ERR no such way to log in here, see CAPA\r\n" },
		{ "APOP a b\r\n", "-ERR not offered here, see CAPA\r\n" },
	};
	struct talk t;

	talk_new(&t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(talk(&t, rows[i].say, 1), rows[i].hear,
				 "row %zu", i);
	/* RFC 6856 §2.1: before login only */
	cr_expect_str_eq(talk_inside(&t, "UTF8\r\n"),
			 "-ERR not in this state\r\n");
	talk_done(&t);
}
