/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "base/file.h"
#include "cli/source.h"
#include "stage.h"

#define FROM "From a@b Mon Nov 23 07:15:03 2026\n"

static const char three[] = FROM
	"Subject: one\nStatus: RO\n\n1\n\n"
	"From MAILER-DAEMON Tue Nov 24 00:00:00 2026\n"
	"Return-Path: <>\nSubject: two\n\n>From here\n>>From there\n\n" FROM
	"Return-Path: <c@d>\nSubject: three\n\n\n\nend\n\n";

static int mailbox(struct stage *s, const char *a, const char *b, const char *c,
		   const char *d)
{
	return stage_run(s, cli_mailbox, "", "mailbox", a, b, c, d, NULL);
}

static void text_of(const char *name, char *ret, size_t room)
{
	FILE *f = fopen(name, "r");

	cr_assert(f, "%s", name);
	ret[fread(ret, 1, room - 1, f)] = '\0';
	cr_assert_eq(fclose(f), 0);
}

static void sh(const char *command)
{
	cr_assert_eq(system(command), 0, "%s", command);
}

/* Root asks whether the handlers' accounts, which may exist, may write. */
static void enter(void)
{
	stage_enter();
	sh("! getent passwd postern >/dev/null || "
	   "{ chgrp mail mail && chmod g+s mail; }");
}

static void file_is(const char *name, const char *want)
{
	char text[8192];

	text_of(name, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

/* What is in it, without seals. */
static void mailbox_is(const char *name, const char *want)
{
	struct stage s;

	cr_assert_eq(mailbox(&s, "export", name, "--mbox", "-"), CLI_OK, "%s",
		     s.err);
	cr_assert_str_eq(s.out, want);
}

Test(mailbox, tells_how_it_is_used, .init = enter, .fini = stage_leave)
{
	struct stage s;

	cr_assert_eq(mailbox(&s, "check", NULL, NULL, NULL), CLI_USAGE);
	cr_assert_eq(mailbox(&s, "check", "--all", "a", NULL), CLI_USAGE);
	cr_assert_eq(mailbox(&s, "stat", "--all", "a", NULL), CLI_USAGE);
	cr_assert_eq(mailbox(&s, "export", "a", NULL, NULL), CLI_USAGE);
	cr_assert_eq(mailbox(&s, "export", "--mbox", "x", NULL), CLI_USAGE);
	cr_assert_eq(stage_run(&s, cli_mailbox, "", "mailbox", "import", "a",
			       "--mbox", "x", "--maildir", "y", NULL),
		     CLI_USAGE);
	cr_assert_eq(mailbox(&s, "nothing", NULL, NULL, NULL), CLI_USAGE);
	cr_assert_eq(mailbox(&s, "--help", NULL, NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "postern mailbox check"));
	cr_assert_eq(mailbox(&s, "stat", "nobody", NULL, NULL), CLI_FAILED);
	cr_assert(strstr(s.err, "nobody: there is no such mailbox"), "%s",
		  s.err);
	cr_assert_eq(mailbox(&s, "check", "../conf", NULL, NULL), CLI_FAILED);
	cr_assert(strstr(s.err, "no mailbox can be called so"), "%s", s.err);
}

Test(mailbox, counts, .init = enter, .fini = stage_leave)
{
	struct stage s;

	cr_assert_eq(mailbox(&s, "stat", NULL, NULL, NULL), CLI_OK);
	cr_assert_str_eq(s.out, "");
	sh("mkdir mail/example.org mail/.postern");
	stage_write("mail/alice", three);
	stage_write("mail/example.org/bob", "");
	stage_write("mail/alice.lock.x", "");
	stage_write("users", "ally:x:alice:\n");
	cr_assert_eq(mailbox(&s, "stat", "--all", NULL, NULL), CLI_OK, "%s",
		     s.err);
	cr_assert(
		strstr(s.out, "\nalice                           3        2 "),
		"%s", s.out);
	cr_assert(
		strstr(s.out, "\nexample.org/bob                 0        0 "),
		"%s", s.out);
	cr_assert(strstr(s.out, "never                 made anew\n"), "%s",
		  s.out);
	cr_assert_eq(mailbox(&s, "stat", "ally", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "never                 up to date\n"), "%s",
		  s.out);
	sh("printf '" FROM "\\nx\\n\\n' >>mail/alice; "
	   "touch -d '2026-11-24 01:02:03 UTC' mail/.postern/alice.session");
	cr_assert_eq(mailbox(&s, "stat", "alice", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "2026-11-24T01:02:03Z  extended\n"), "%s",
		  s.out);
}

Test(mailbox, says_what_it_found, .init = enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("mail/alice", three);
	sh("chmod 660 mail/alice");
	cr_assert_eq(mailbox(&s, "check", "alice", NULL, NULL), CLI_OK, "%s",
		     s.out);
	cr_assert(strstr(s.out, "alice: all is well: 3 messages, "), "%s",
		  s.out);
	sh("truncate -s -2 mail/alice; echo >mail/.postern/alice.uidl.next; "
	   "(echo Hello; cat mail/alice) >n; cat n >mail/alice");
	cr_assert_eq(mailbox(&s, "check", "-n", "alice", NULL), CLI_FAILED);
	cr_assert(strstr(s.out, "alice: .postern/alice.uidl.next is left of "
				"work that was broken off: would be mended\n"),
		  "%s", s.out);
	cr_assert(strstr(s.out, "alice: 6 octets stand before the first "
				"message: would be mended\n"),
		  "%s", s.out);
	cr_assert_eq(mailbox(&s, "check", "--all", NULL, NULL), CLI_FAILED);
	cr_assert(strstr(s.out, "message: moved to .postern/alice.junk."), "%s",
		  s.out);
	cr_assert(strstr(s.out, "alice: the last message does not end in an "
				"empty line: added\n"),
		  "%s", s.out);
	cr_assert_eq(mailbox(&s, "check", "--all", NULL, NULL), CLI_OK, "%s",
		     s.out);
	mailbox_is("alice", three);
	stage_write("mail/bob", "no mailbox\n");
	cr_assert_eq(mailbox(&s, "check", "bob", "alice", NULL), CLI_FAILED);
	cr_assert(strstr(s.out, "bob: there is no From_ line in it"), "%s",
		  s.out);
	cr_assert(strstr(s.out, "alice: all is well"), "%s", s.out);
}

/* ---- there and back ---- */

Test(mailbox, mbox_there_and_back, .init = enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("in", three);
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "in"), CLI_OK,
		     "%s", s.err);
	cr_assert_str_eq(s.out, "alice: 3 messages imported, 120 B\n");
	/* whoever made them, the handlers may write them by their group */
	sh("test $(stat -c %a mail/.postern/alice.append mail/alice | sort -u) "
	   "= 660 && test $(stat -c %a mail/.postern) = 2770");
	cr_assert_eq(mailbox(&s, "export", "alice", "--mbox", "out"), CLI_OK);
	cr_assert_str_eq(s.out, "alice: 3 messages exported, 120 B\n");
	file_is("out", three);
	cr_assert_eq(mailbox(&s, "export", "alice", "--mbox", "out"),
		     CLI_FAILED);
	cr_assert(strstr(s.err, "out: File exists"), "%s", s.err);
	cr_assert_eq(stage_run(&s, cli_mailbox, three, "mailbox", "import",
			       "alice", NULL),
		     CLI_OK);
	cr_assert_eq(stage_run(&s, cli_mailbox, "nothing\n", "mailbox",
			       "import", "alice", NULL),
		     CLI_FAILED);
	cr_assert(strstr(s.err, "standard input: this is no mbox"), "%s",
		  s.err);
	cr_assert_eq(mailbox(&s, "check", "alice", NULL, NULL), CLI_OK, "%s",
		     s.out);
	cr_assert(strstr(s.out, ": 6 as delivered here"), "%s", s.out);
}

Test(mailbox, crlf_comes_in_as_lf, .init = enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("in", three);
	sh("sed 's/$/\\r/' in >crlf");
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "crlf"), CLI_OK);
	mailbox_is("alice", three);
}

/* What others do not quote is quoted; the rest of a From_ line is kept. */
Test(mailbox, an_mbox_of_others, .init = enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("in",
		    "From  Jo Doe  Mon Nov 23 07:15 MET 2026\n\nFrom here\n"
		    "no end");
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "in"), CLI_OK,
		     "%s", s.err);
	mailbox_is("alice", "From Jo-Doe Mon Nov 23 07:15:00 2026\n\n"
			    ">From here\nno end\n\n");
}

Test(mailbox, maildir_there_and_back, .init = enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("in", FROM "Return-Path: <a@b>\nStatus: RO\n\n1\n\n" FROM
			       "Return-Path: <a@b>\n\n>>From 2\n\n");
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "in"), CLI_OK);
	cr_assert_eq(mailbox(&s, "export", "alice", "--maildir", "M"), CLI_OK,
		     "%s", s.err);
	sh("test \"$(cat M/cur/*:2,S)\" = \"$(printf 'Return-Path: <a@b>\\n"
	   "Status: RO\\n\\n1\\n')\" && "
	   "test \"$(cat M/new/*)\" = \"$(printf 'Return-Path: <a@b>\\n\\n"
	   ">From 2\\n')\" && test -z \"$(ls M/tmp)\"");
	cr_assert_eq(mailbox(&s, "import", "bob", "--maildir", "M"), CLI_OK,
		     "%s", s.err);
	mailbox_is("alice", FROM "Return-Path: <a@b>\nStatus: RO\n\n1\n\n" FROM
				 "Return-Path: <a@b>\n\n>>From 2\n\n");
	sh("test \"$(sed /^X-Postern/d mail/alice)\" = "
	   "\"$(sed /^X-Postern/d mail/bob)\"");
}

Test(mailbox, flags_of_a_maildir, .init = enter, .fini = stage_leave)
{
	struct stage s;

	sh("mkdir -p M/tmp M/new M/cur");
	stage_write("M/new/2.x", "Status: RO\nX: 2\n\nStatus: RO\n");
	stage_write("M/cur/10.x:2,FS", "X: 10\nStatus: O\n\n");
	stage_write("M/cur/1.x:2,S", "X: 1\r\n\r\nlast\r\n");
	stage_write("M/cur/3.x:2,ST", "X: 3\n\n");
	stage_write("M/cur/4.x:2,S", "Status: RO\nX: 4\n\n");
	sh("touch -d '2026-11-23 07:15:03 UTC' M/*/*");
	cr_assert_eq(mailbox(&s, "import", "alice", "--maildir", "M"), CLI_OK,
		     "%s", s.err);
	cr_assert(strstr(s.out, "4 messages imported"), "%s", s.out);
	cr_assert(strstr(s.out, "1 marked as deleted left out"), "%s", s.out);
#define NOBODY "From MAILER-DAEMON Mon Nov 23 07:15:03 2026\n"
	mailbox_is("alice", NOBODY "Status: RO\nX: 1\n\nlast\n\n" NOBODY
				   "X: 2\n\nStatus: RO\n\n" NOBODY
				   "Status: RO\nX: 4\n\n\n" NOBODY
				   "Status: RO\nX: 10\n\n\n");
}

/* ---- broken off ---- */

static struct {
	int at, k, error;
} trouble;

static int on_step(void *context, const char *step)
{
	return ++trouble.at == trouble.k ? trouble.error : 0;
}

/* Whatever fails wherever, the repetition brings in what is missing. */
Test(mailbox, an_import_goes_on, .init = enter, .fini = stage_leave,
     .timeout = 120)
{
	struct stage s;
	bool more = true;
	int k = 0;

	stage_write("in", three);
	while (more) {
		char name[32];
		int status;

		(void)snprintf(name, sizeof(name), "box%d", ++k);
		trouble.at = 0;
		trouble.k = k;
		trouble.error = k % 2 ? -EIO : -ENOSPC;
		file_set_hook(on_step, NULL);
		status = mailbox(&s, "import", name, "--mbox", "in");
		file_set_hook(NULL, NULL);
		more = trouble.at >= k;
		if (status != CLI_OK) {
			cr_assert(strstr(s.err, "repeat the same command"),
				  "%d: %s", k, s.err);
			cr_assert_eq(
				mailbox(&s, "import", name, "--mbox", "in"),
				CLI_OK, "%d: %s", k, s.err);
		}
		mailbox_is(name, three);
	}
	cr_assert_gt(k, 30);
}

/* A number of names alone, of another source, means nothing. */
Test(mailbox, an_import_of_something_else, .init = enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("in", three);
	trouble.at = 0;
	trouble.k = 30;
	trouble.error = -EIO;
	file_set_hook(on_step, NULL);
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "in"),
		     CLI_FAILED);
	file_set_hook(NULL, NULL);
	stage_write("other", FROM "Subject: other\n\n1\n\n");
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "other"), CLI_OK);
	cr_assert(strstr(s.out, "1 message imported"), "%s", s.out);
	cr_assert_eq(mailbox(&s, "import", "alice", "--mbox", "in"), CLI_OK);
	cr_assert(strstr(s.out, "from before"), "%s", s.out);
}

/* ---- CRLF in pieces ---- */

static int to_buf(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

Test(mailbox, crlf_in_any_pieces)
{
	static const char in[] = "a\r\n\r\n\r\r\nb\rc\r\r",
			  want[] = "a\n\n\r\nb\rc\r\r";

	for (size_t i = 0; i < sizeof(in); i++)
		for (size_t j = i; j < sizeof(in); j++) {
			struct buf out = BUF(100);
			struct source_lines l = { .crlf = true,
						  .out = to_buf,
						  .context = &out };
			struct slice all = SLICE(in);

			cr_assert_eq(source_lines_put(&l, slice_upto(all, i)),
				     0);
			cr_assert_eq(
				source_lines_put(
					&l, slice_from(slice_upto(all, j), i)),
				0);
			cr_assert_eq(source_lines_put(&l, slice_from(all, j)),
				     0);
			cr_assert_eq(source_lines_end(&l), 0);
			cr_assert(slice_eq(buf_slice(&out), SLICE(want)),
				  "%zu %zu", i, j);
			buf_done(&out);
		}
}

/* daemon is an account that every system has. */
Test(mailbox, whose_it_is, .init = enter, .fini = stage_leave)
{
	struct stage s;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	sh("printf '[users]\\nsystem_uid_min = 1\\n' >>conf");
	stage_write("mail/daemon", three);
	sh("chmod 660 mail/daemon");
	cr_assert_eq(mailbox(&s, "check", "daemon", NULL, NULL), CLI_FAILED);
	cr_assert(strstr(s.out, "daemon: it belongs to the user 0 and not to "
				"daemon: "),
		  "%s", s.out);
	sh("chown daemon mail/daemon");
	(void)mailbox(&s, "check", "daemon", NULL, NULL);
	cr_assert_not(strstr(s.out, "belongs"), "%s", s.out);
}
