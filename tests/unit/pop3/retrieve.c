/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/pop3/talk.h"

#define STUFFED                                                                \
	"+OK 36 octets\r\nSubject: dots\r\n\r\n..\r\n"                         \
	"...\r\nplain.\r\n..x\r\n.\r\n"

Test(retrieve, stuffs_dots_in_any_chunking)
{
	struct talk t;

	talk_new(&t);
	for (size_t piece = 0; piece < 40; piece++) {
		t.drop.piece = piece;
		cr_expect_str_eq(talk_inside(&t, "RETR 2\r\n"), STUFFED,
				 "piece %zu", piece);
	}
	talk_done(&t);
}

Test(retrieve, top)
{
	static const struct {
		const char *say;
		const char *hear;
	} rows[] = {
		{ "TOP 1 0\r\n", "+OK 31 octets\r\nSubject: one\r\n\r\n.\r\n" },
		{ "TOP 1 1\r\n",
		  "+OK 31 octets\r\nSubject: one\r\n\r\nfirst\r\n.\r\n" },
		{ "TOP 2 999\r\n", STUFFED },
		{ "TOP 1\r\n", "-ERR an argument is missing\r\n" },
		{ "TOP 1 x\r\n", "-ERR arguments not understood\r\n" },
		{ "TOP 1 1 1\r\n", "-ERR arguments not understood\r\n" },
		{ "TOP 9 1\r\n", "-ERR no such message\r\n" },
	};
	struct talk t;

	talk_new(&t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(talk_inside(&t, rows[i].say), rows[i].hear,
				 "row %zu", i);
	talk_done(&t);
}

/* The client would delete what it takes for whole. */
Test(retrieve, never_fakes_an_end)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.drop.piece = 20;
	t.drop.read_error = -ESTALE;
	said = talk_inside(&t, "RETR 1\r\nDELE 1\r\nQUIT\r\n");
	cr_expect_str_eq(said, "+OK 31 octets\r\nSubject: one\r\n\r\nfirs");
	cr_expect_eq(t.drop.expunges, 0);
	t.drop.error_first = true;
	said = talk_inside(&t, "RETR 1\r\nQUIT\r\n");
	cr_expect_str_eq(said, "-ERR [SYS/TEMP] the message cannot be read "
			       "now\r\n+OK goodbye\r\n");
	talk_done(&t);
}
