/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "pop3/events.h"
#include "tests/unit/pop3/talk.h"

Test(commands, replies)
{
	static const struct {
		const char *say;
		const char *hear;
	} rows[] = {
		{ "STAT\r\n", "+OK 3 85\r\n" },
		{ "LIST 1\r\n", "+OK 1 31\r\n" },
		{ "LIST\r\n", "+OK 3 messages, 85 octets\r\n1 31\r\n2 36\r\n"
			      "3 18\r\n.\r\n" },
		{ "UIDL\r\n", "+OK 3 messages, 85 octets\r\n1 uid-a\r\n"
			      "2 uid-b\r\n3 uid-c\r\n.\r\n" },
		{ "uidl 3\r\n", "+OK 3 uid-c\r\n" },
		{ "LIST 0\r\n", "-ERR no such message\r\n" },
		{ "LIST 4\r\n", "-ERR no such message\r\n" },
		{ "LIST 18446744073709551617\r\n", "-ERR no such message\r\n" },
		{ "LIST -1\r\n", "-ERR arguments not understood\r\n" },
		{ "LIST 1 2\r\n", "-ERR arguments not understood\r\n" },
		{ "DELE\r\n", "-ERR an argument is missing\r\n" },
		{ "DELE 2\r\nSTAT\r\nDELE 2\r\nLIST\r\nRSET\r\n",
		  "+OK message 2 will go at QUIT\r\n+OK 2 49\r\n"
		  "-ERR that message is deleted\r\n"
		  "+OK 2 messages, 49 octets\r\n1 31\r\n3 18\r\n.\r\n"
		  "+OK 3 messages, 85 octets\r\n" },
		{ "NOOP\r\n", "+OK nothing done\r\n" },
		{ "USER bob\r\n", "-ERR not in this state\r\n" },
	};
	struct talk t;

	talk_new(&t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(talk_inside(&t, rows[i].say), rows[i].hear,
				 "row %zu", i);
	cr_expect_eq(t.drop.expunges, 0);
	talk_done(&t);
}

Test(commands, deletes_at_quit_and_only_then)
{
	struct talk t;

	talk_new(&t);
	(void)talk_inside(&t, "DELE 1\r\nDELE 3\r\n");
	cr_expect_eq(t.drop.expunges, 0, "without QUIT");
	cr_expect_str_eq(talk_inside(&t, "DELE 1\r\nRSET\r\nQUIT\r\n") +
				 strlen("+OK message 1 will go at QUIT\r\n"
					"+OK 3 messages, 85 octets\r\n"),
			 "+OK goodbye\r\n");
	cr_expect_eq(t.drop.expunged, 0, "nothing marked");
	cr_expect_eq(t.drop.finishes, 0);
	t.drop.expunges = 0;
	(void)talk_inside(&t, "DELE 1\r\nDELE 3\r\nQUIT\r\nNOOP\r\n");
	cr_expect_eq(t.drop.expunges, 1);
	cr_expect_eq(t.drop.expunged, 2);
	cr_expect_eq(t.drop.finishes, 1);
	talk_done(&t);
}

static void note_that_it_was_said(void *context)
{
	struct talk *t = context;

	t->said_first = memmem(t->output.p, t->output.n, "+OK goodbye", 11);
}

Test(commands, quit_is_answered_when_it_is_decided)
{
	struct talk t;

	talk_new(&t);
	t.drop.on_finish = note_that_it_was_said;
	t.drop.context = &t;
	(void)talk_inside(&t, "DELE 1\r\nQUIT\r\n");
	cr_expect(t.said_first, "the client had to wait");
	cr_expect_eq(t.decided, 1, "we might have been interrupted");
	cr_expect_eq(t.drop.finishes, 1);
	talk_done(&t);
}

static void note_event(void *context, const struct log_kind *kind,
		       const struct log_field *fields, size_t n)
{
	(void)fields;
	(void)n;
	*(unsigned *)context += kind == &pop3_event_unfinished;
}

/* It will be so: only the log hears that it is not yet. */
Test(commands, quit_stands_when_it_cannot_be_finished)
{
	struct talk t;
	unsigned events = 0;

	talk_new(&t);
	t.drop.finish_error = -EIO;
	log_set_sink(note_event, &events);
	cr_expect_str_eq(talk_inside(&t, "DELE 1\r\nQUIT\r\n"),
			 "+OK message 1 will go at QUIT\r\n+OK goodbye\r\n");
	log_set_sink(NULL, NULL);
	cr_expect_eq(events, 1);
	talk_done(&t);
}

Test(commands, tells_what_was_not_removed)
{
	struct talk t;
	const char *said;

	talk_new(&t);
	t.drop.expunge_error = -ENOSPC;
	said = talk_inside(&t, "DELE 1\r\nQUIT\r\n");
	cr_expect_str_eq(strchr(said, '\n') + 1,
			 "-ERR [SYS/TEMP] some deleted messages not "
			 "removed\r\n");
	cr_expect_eq(t.drop.closed, 1);
	talk_done(&t);
}
