/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/wait.h>

#include "house.h"

#define SOMEBODY 47110 /* no account has it */

static int become(const char *directory)
{
	if (queue_become_owner(directory) < 0)
		return 1;
	if (getuid() == 0 && getgroups(0, NULL) >= 0)
		return 2;
	return getuid() == SOMEBODY && geteuid() == SOMEBODY &&
			       getgid() == SOMEBODY + 1 &&
			       getgroups(0, NULL) == 0 && setuid(0) < 0
		       ? 0
		       : 3;
}

static int in_child(const char *directory)
{
	int status;

	if (fork() == 0)
		_exit(become(directory));
	cr_assert_gt(wait(&status), 0);
	return WEXITSTATUS(status);
}

Test(owner, root_becomes_who_has_the_directory)
{
	struct house h;

	if (geteuid() != 0)
		cr_skip_test("for root");
	house_open(&h);
	cr_assert_eq(in_child(h.directory), 2, "root's own");
	cr_assert_eq(in_child("/nonexistent"), 2);
	cr_assert_eq(chown(h.directory, SOMEBODY, SOMEBODY + 1), 0);
	cr_assert_eq(in_child(h.directory), 0);
	house_close(&h);
}
