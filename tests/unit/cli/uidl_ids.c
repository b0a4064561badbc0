/* SPDX-License-Identifier: ISC */
/* Unique-ids from elsewhere: what is understood, what is refused, and how. */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "cli/uidl_ids.h"
#include "stage.h"

#define SEVENTY                                                                \
	"0123456789012345678901234567890123456789012345678901234567890123456"  \
	"789"

Test(uidl_ids, lines_of_a_list)
{
	static const struct {
		const char *line;
		int r;
		uint64_t number;
		const char *id;
	} rows[] = {
		{ "1 a", 1, 1, "a" },
		{ "  12\t\tab~!\r\n", 1, 12, "ab~!" },
		{ "7 " SEVENTY, 1, 7, SEVENTY },
		{ "seq=3 pop3.uidl=x", 1, 3, "x" },
		{ "uid=3 pop3.uidl=x", 1, 3, "x" },
		{ "3\tx", 1, 3, "x" },
		{ "", 0, 0, NULL },
		{ "\f\n", 0, 0, NULL },
		{ ".\r\n", 0, 0, NULL },
		{ "+OK 5 messages\r\n", 0, 0, NULL },
		{ "uid\tpop3.uidl\n", 0, 0, NULL },
		{ "seq\tpop3.uidl\n", 0, 0, NULL },
		{ "uid: 7", 0, 0, NULL },
		{ "seq: 7", 0, 0, NULL },
		{ "7", -EBADMSG, 0, NULL },
		{ "0 a", -EBADMSG, 0, NULL },
		{ "-1 a", -EBADMSG, 0, NULL },
		{ "99999999999 a", -EBADMSG, 0, NULL },
		{ "a 1", -EBADMSG, 0, NULL },
		{ "1 a b", -EBADMSG, 0, NULL },
		{ "1 " SEVENTY "x", -EBADMSG, 0, NULL },
		{ "1 \xc3\xa9", -EBADMSG, 0, NULL },
		{ "uid=1 pop3.uidl=", -EBADMSG, 0, NULL },
		{ "pop3.uidl: x", -EBADMSG, 0, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct uidl_list l = { .by_uid = false };
		struct uidl_list_line got = { .number = 0 };
		const char *why = NULL;
		int r = uidl_list_line(&l, slice_of(rows[i].line), &got, &why);

		cr_expect_eq(r, rows[i].r, "%s: %d", rows[i].line, r);
		cr_expect(r >= 0 || why, "%s", rows[i].line);
		if (r != 1)
			continue;
		cr_expect_eq(got.number, rows[i].number, "%s", rows[i].line);
		cr_expect(slice_eq(got.id, slice_of(rows[i].id)), "%s",
			  rows[i].line);
		cr_expect_eq(l.by_uid, rows[i].line[0] == 'u', "%s",
			     rows[i].line);
	}
}

Test(uidl_ids, doveadms_pager)
{
	struct uidl_list l = { .by_uid = false };
	struct uidl_list_line got;
	const char *why;

	for (int i = 0; i < 2; i++) {
		cr_assert_eq(uidl_list_line(&l, SLICE("seq: 4\n"), &got, &why),
			     0);
		cr_assert_eq(uidl_list_line(&l, SLICE("pop3.uidl: abc\n"), &got,
					    &why),
			     1);
		cr_assert_eq(got.number, 4);
		cr_assert(slice_eq(got.id, SLICE("abc")));
		cr_assert_eq(uidl_list_line(&l, SLICE("\f\n"), &got, &why), 0);
	}
	cr_assert_eq(uidl_list_line(&l, SLICE("pop3.uidl: abc\n"), &got, &why),
		     -EBADMSG);
	cr_assert_eq(uidl_list_line(&l, SLICE("seq: 4\n"), &got, &why), 0);
	cr_assert_eq(uidl_list_line(&l, SLICE("seq: 5\n"), &got, &why),
		     -EBADMSG);
}

/* ---- other servers' headers ---- */

Test(uidl_ids, what_dovecot_wrote)
{
	struct uidl_x_uid x;

	uidl_x_uid(SLICE("Subject: x\nX-IMAPbase: 1795555056 0000000005 k\n"
			 "X-UID: 3      \n\nX-UID: 4\n"),
		   &x);
	cr_assert(x.uid == 3 && x.validity == 1795555056 && x.last_uid == 5);
	uidl_x_uid(SLICE("x-imap: 7 8\n"), &x);
	cr_assert(x.uid == 0 && x.validity == 7 && x.last_uid == 8);
	uidl_x_uid(SLICE("X-UID: 0\nX-IMAPbase: 5\n"), &x);
	cr_assert(x.uid == 0 && x.validity == 0);
	uidl_x_uid(SLICE("X-UID: 99999999999\nX-IMAPbase: a b\n"), &x);
	cr_assert(x.uid == 0 && x.validity == 0);
	uidl_x_uid(SLICE_NONE, &x);
	cr_assert(x.uid == 0 && x.validity == 0);
}

/* As md5sum says of the same lines. */
Test(uidl_ids, what_popa3d_computes)
{
	static const struct {
		struct slice message;
		const char *id;
	} rows[] = {
		{ SLICE("Subject: x\n\nReceived: y\n"), "d98c1dd404b2008f" },
		{ SLICE(""), "d98c1dd404b2008f" },
		{ SLICE("Message-ID: <a>\nReceived: b\n\tc\nX: 1\n 2\n"
			"Date: late\nReceived: d\nDelivered-To: e\n\n"),
		  "0daaa93ad10ec33c" },
		{ SLICE("message-id: <a>\nx-delivery-id: 1\n"),
		  "ef4f94f64bb810a9" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char id[17];

		uidl_popa3d(rows[i].message, id);
		cr_expect_str_eq(id, rows[i].id, "%zu: %s", i, id);
	}
}

/* ---- the verbs ---- */

#define FROM "From a@b Mon Nov 23 07:15:03 2026\n"

static int uidl(struct stage *s, const char *input, const char *a,
		const char *b, const char *c, const char *d)
{
	return stage_run(s, cli_mailbox, input, "mailbox", "uidl", a, b, c, d,
			 NULL);
}

static void exported(const char *want)
{
	struct stage s;

	cr_assert_eq(uidl(&s, "", "export", "alice", NULL, NULL), CLI_OK);
	cr_assert_str_eq(s.out, want);
}

Test(uidl_ids, usage, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	cr_assert_eq(uidl(&s, "", NULL, NULL, NULL, NULL), CLI_USAGE);
	cr_assert_eq(uidl(&s, "", "export", NULL, NULL, NULL), CLI_USAGE);
	cr_assert_eq(uidl(&s, "", "import", "alice", NULL, NULL), CLI_USAGE);
	cr_assert_eq(uidl(&s, "", "import", "--popa3d", NULL, NULL), CLI_USAGE);
	cr_assert_eq(uidl(&s, "", "import", "alice", "--popa3d", "--dovecot"),
		     CLI_USAGE);
	cr_assert_eq(uidl(&s, "", "import", "far/alice", "--popa3d", NULL),
		     CLI_FAILED);
	cr_assert_neq(access("mail/far", F_OK), 0);
	cr_assert_eq(uidl(&s, "", "import", "alice", "--popa3d", NULL),
		     CLI_FAILED);
	cr_assert_neq(access("mail/.postern", F_OK), 0);
}

Test(uidl_ids, a_list_taken_over, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("mail/alice", FROM "X: 1\n\n1\n\n" FROM "X: 2\n\n2\n\n" FROM
				       "X: 3\n\n3\n\n");
	cr_assert_eq(uidl(&s, "+OK\r\n1 one\r\n3 three\r\n.\r\n", "import",
			  "alice", "--list", "-"),
		     CLI_OK, "%s", s.err);
	cr_assert_str_eq(s.out, "alice: 2 of 3 unique-ids taken over; 1 has "
				"none there and keeps ours\n");
	cr_assert_eq(uidl(&s, "", "export", "alice", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "1 one\n2 ") == s.out &&
			  strstr(s.out, "\n3 three\n"),
		  "%s", s.out);
	stage_write("list", "uid\tpop3.uidl\n70\ta\n80\tb\n90\tc\n");
	cr_assert_eq(uidl(&s, "", "import", "alice", "--list", "list"), CLI_OK,
		     "%s", s.err);
	exported("1 a\n2 b\n3 c\n");
	/* what is exported can be imported */
	cr_assert_eq(
		uidl(&s, "1 a\n2 b\n3 c\n", "import", "alice", "--list", "-"),
		CLI_OK);
	exported("1 a\n2 b\n3 c\n");
}

Test(uidl_ids, lists_that_are_refused, .init = stage_enter, .fini = stage_leave)
{
	static const struct {
		const char *list, *says;
	} rows[] = {
		{ "1 x\n2 x\n", "list:2: this unique-id, x, stands in line 1" },
		{ "1 b\n", "list:1: messages 1 and 2 would both have the "
			   "unique-id b" },
		{ "1 x\n1 y\n", "list:2: this message had a line before" },
		{ "4 x\n", "list:1: the mailbox has fewer messages" },
		{ "1 x\n2\n3 z\n", "list:2: there is no unique-id" },
		{ "one x\n", "list:1: this line does not begin with" },
		{ "uid=7 pop3.uidl=x\n", "the list is not as long as the" },
		{ "uid=7 pop3.uidl=x\nuid=7 pop3.uidl=y\n",
		  "list:2: UIDs ascend, but not in this line" },
	};
	struct stage s;

	stage_write("mail/alice", FROM "X: 1\n\n1\n\n" FROM "X: 2\n\n2\n\n" FROM
				       "X: 3\n\n3\n\n");
	cr_assert_eq(
		uidl(&s, "1 a\n2 b\n3 c\n", "import", "alice", "--list", "-"),
		CLI_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		stage_write("list", rows[i].list);
		cr_assert_eq(uidl(&s, "", "import", "alice", "--list", "list"),
			     CLI_FAILED, "%s", rows[i].list);
		cr_assert(strstr(s.err, rows[i].says), "%s: %s", rows[i].list,
			  s.err);
		cr_assert(strstr(s.err, "\n    "), "no remedy: %s", s.err);
		exported("1 a\n2 b\n3 c\n");
	}
	cr_assert_eq(uidl(&s, "", "import", "alice", "--list", "none"),
		     CLI_FAILED);
}

Test(uidl_ids, from_dovecot, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("mail/alice",
		    FROM "Subject: DON'T DELETE THIS MESSAGE -- FOLDER "
			 "INTERNAL DATA\nX-IMAP: 1795555056 0000000009\n"
			 "Status: RO\n\nx\n\n" FROM "X-UID: 2\n\n1\n\n" FROM
			 "X-UID: 2\n\n2\n\n" FROM "X-UID: 10\n\n3\n\n" FROM
			 "X-UID: 9\n\n4\n\n");
	cr_assert_eq(uidl(&s, "", "import", "alice", "--dovecot", NULL), CLI_OK,
		     "%s", s.err);
	cr_assert_str_eq(s.out, "alice: 2 of 4 unique-ids taken over; 2 have "
				"none there and keep ours\n");
	cr_assert_eq(uidl(&s, "", "export", "alice", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "1 000000026b05fef0\n") == s.out, "%s", s.out);
	cr_assert(strstr(s.out, "\n4 000000096b05fef0\n"), "%s", s.out);
	stage_write("mail/alice", FROM "X-UID: 2\n\n1\n\n");
	cr_assert_eq(uidl(&s, "", "import", "alice", "--dovecot", NULL),
		     CLI_FAILED);
	cr_assert(strstr(s.err, "has no X-IMAPbase"), "%s", s.err);
}

Test(uidl_ids, from_popa3d, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("mail/alice", FROM "Message-ID: <a>\n\n1\n\n" FROM
				       "Message-ID: <a>\n\n22\n\n" FROM
				       "Message-ID: <b>\n\n3\n\n");
	cr_assert_eq(uidl(&s, "", "import", "alice", "--popa3d", NULL), CLI_OK,
		     "%s", s.err);
	cr_assert_str_eq(s.out, "alice: 2 of 3 unique-ids taken over; 1 has "
				"none there and keeps ours\n");
}
