/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "auth/checkpassword.h"
#include "auth/judge.h"

static char program[] = "/tmp/postern-check.XXXXXX";

/* A checker in shell: who is alice and says "secret" runs what stands behind
 * it; bob's is not to be had now; carol's crashes. */
static void enter(void)
{
	static const char text[] = "#!/bin/sh\n"
				   "got=$(tr '\\0' ' ' <&3)\n"
				   "case $got in\n"
				   "'alice secret '*) exec \"$@\" ;;\n"
				   "bob*) exit 111 ;;\n"
				   "carol*) kill -9 $$ ;;\n"
				   "*) exit 1 ;;\n"
				   "esac\n";
	int fd = mkstemp(program);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, sizeof(text) - 1),
		     (ssize_t)sizeof(text) - 1);
	cr_assert_eq(fchmod(fd, 0700), 0);
	cr_assert_eq(close(fd), 0);
}

static void leave(void)
{
	(void)unlink(program);
}

Test(checkpassword, answers, .init = enter, .fini = leave)
{
	static const struct {
		struct slice name, password;
		int want;
	} rows[] = {
		{ SLICE("alice"), SLICE("secret"), 1 },
		{ SLICE("alice"), SLICE("secrets"), 0 },
		{ SLICE("dora"), SLICE("secret"), 0 },
		{ SLICE("bob"), SLICE("secret"), -EAGAIN },
		{ SLICE("carol"), SLICE("secret"), -EAGAIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(
			checkpassword(program, rows[i].name, rows[i].password),
			rows[i].want, "row %zu", i);
}

Test(checkpassword, what_cannot_be, .init = enter, .fini = leave)
{
	char is_long[600];

	memset(is_long, 'a', sizeof(is_long));
	cr_expect_eq(checkpassword(program, SLICE("alice"),
				   (struct slice){ is_long, sizeof(is_long) }),
		     0);
	cr_expect_eq(checkpassword("/nonexistent/checker", SLICE("alice"),
				   SLICE("secret")),
		     -ENOENT);
}

Test(checkpassword, stands_in_for_the_files, .init = enter, .fini = leave)
{
	const struct settings settings = {
		.users = { .file = SLICE("/nonexistent/users") },
		.auth = { .passwords = SLICE("/nonexistent/passwords"),
			  .checkpassword = slice_of(program),
			  .secret = SLICE(""),
			  .brake = SLICE(""),
			  .cleartext = SLICE("yes"),
			  .system = SLICE("no"),
			  .mechanisms = SLICE("SCRAM-SHA-256 PLAIN LOGIN") },
	};
	const struct auth_scene scene = { .service = SLICE("pop3"),
					  .plaintext = true };
	struct judge *j = judge_new(&settings);

	cr_assert_not_null(j);
	cr_assert_eq(judge_scene(j, &scene), 0);
	cr_expect_str_eq(judge_mechanisms(j), "PLAIN LOGIN");
	cr_expect_eq(judge_password(j, SLICE("alice"), SLICE("secret")),
		     AUTH_STEP_YES);
	cr_expect(slice_eq(judge_user(j)->mailbox, SLICE("alice")));
	cr_expect_eq(judge_password(j, SLICE("alice"), SLICE("guess")),
		     AUTH_STEP_NO);
	cr_expect_eq(judge_password(j, SLICE("bob"), SLICE("secret")),
		     AUTH_STEP_AGAIN);
	cr_expect_eq(judge_password(j, SLICE("../alice"), SLICE("secret")),
		     AUTH_STEP_NO);
	judge_free(j);
}
