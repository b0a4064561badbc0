/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "stage.h"

static void users_are(const char *text)
{
	char line[512] = "";
	FILE *f = fopen("users", "r");

	cr_assert(f);
	line[fread(line, 1, sizeof(line) - 1, f)] = '\0';
	cr_assert_eq(fclose(f), 0);
	cr_expect_str_eq(line, text);
}

static int quota(struct stage *s, const char *size, const char *messages)
{
	return stage_run(s, cli_user, "", "user", "quota", "alice", size,
			 size ? messages : NULL, NULL);
}

/* What is said after another, and what the line is then. */
static const struct {
	const char *size, *messages, *line;
} changes[] = {
	{ "1G", NULL, "alice:!::colour=blue,quota=1GiB\n" },
	{ "500 MB", "1000",
	  "alice:!::colour=blue,quota=500MB,messages=1000\n" },
	{ "2M", NULL, "alice:!::colour=blue,quota=2MiB,messages=1000\n" },
	{ "default", "7", "alice:!::colour=blue,messages=7\n" },
	{ "none", NULL, "alice:!::colour=blue,quota=none,messages=none\n" },
	{ "none", "default", "alice:!::colour=blue,quota=none\n" },
	{ "1K", "9", "alice:!::colour=blue,quota=1KiB,messages=9\n" },
	{ "default", NULL, "alice:!::colour=blue\n" },
};

Test(user_quota, sets_and_takes_away, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("users", "alice:!::colour=blue\n");
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		cr_assert_eq(quota(&s, changes[i].size, changes[i].messages),
			     CLI_OK, "row %zu: %s", i, s.err);
		users_are(changes[i].line);
	}
}

Test(user_quota, what_is_wrong_changes_nothing, .init = stage_enter,
     .fini = stage_leave)
{
	struct stage s;

	stage_write("users", "alice:!::quota=1K\n");
	cr_expect_eq(quota(&s, "much", NULL), CLI_FAILED);
	cr_expect(strstr(s.err, "a size is 500MB"), "%s", s.err);
	cr_expect_eq(quota(&s, "1G", "1G"), CLI_FAILED);
	cr_expect_eq(
		stage_run(&s, cli_user, "", "user", "quota", "bob", "1G", NULL),
		CLI_FAILED);
	cr_expect(strstr(s.err, "there is no bob"), "%s", s.err);
	cr_expect_eq(stage_run(&s, cli_user, "", "user", "quota", NULL),
		     CLI_USAGE);
	users_are("alice:!::quota=1K\n");
}

Test(user_quota, shows, .init = stage_enter, .fini = stage_leave)
{
	static const char message[] = "From a Mon Nov 23 07:15:03 2026\n\nx\n";
	struct stage s;

	stage_write("users", "alice:!::quota=100,messages=4\n"
			     "bob:!::messages=2\ncarol:!\n");
	stage_write("mail/alice", message);
	stage_write("mail/bob", message);
	cr_assert_eq(quota(&s, NULL, NULL), CLI_OK, "%s", s.err);
	cr_expect(strstr(s.out, "     35 B 100 octets and 4 messages   35 %  "
				"alice\n"),
		  "%s", s.out);
	cr_expect_not(strstr(s.out, "bob"), "%s", s.out);
	cr_assert_eq(stage_run(&s, cli_user, "", "user", NULL), CLI_OK);
	cr_expect(strstr(s.out, "     35 B 2 messages             50 %  bob\n"),
		  "%s", s.out);
	cr_expect(strstr(s.out, "      0 B none                      -  carol"),
		  "%s", s.out);
	cr_assert_eq(rename("mail", "away"), 0);
	cr_assert_eq(stage_run(&s, cli_user, "", "user", NULL), CLI_OK);
	cr_expect(strstr(s.out, "        ? 2 messages                ?  bob\n"),
		  "%s", s.out);
	cr_assert_eq(rename("away", "mail"), 0);
}
