/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "auth/checkpassword.h"

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
