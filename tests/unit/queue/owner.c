/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "house.h"

#define SOMEBODY 47110 /* no account has it */
#define CANNOT   9

/* Root's groups are to be gone, and not what it set. */
static int become(const char *directory)
{
	const gid_t more[] = { SOMEBODY + 8, SOMEBODY + 9 };
	int told = 0;

	if (setgroups(2, more) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return CANNOT;
	if (queue_become_owner(directory) < 0)
		return 1;
	if (getuid() == 0)
		return getgroups(0, NULL) == 2 ? 2 : 3;
	if (prctl(PR_GET_PDEATHSIG, &told) < 0 || told != SIGKILL)
		return 4;
	return getuid() == SOMEBODY && geteuid() == SOMEBODY && setuid(0) < 0
		       ? 0
		       : 5;
}

/* He has no account. */
static int become_nameless(const char *directory)
{
	int r = become(directory);

	if (r != 0)
		return r;
	return getgid() == SOMEBODY + 1 && getgroups(0, NULL) == 0 ? 0 : 6;
}

static bool replace(const char *directory, const char *name, const char *text)
{
	char path[128], etc[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	(void)snprintf(etc, sizeof(etc), "/etc/%s", name);
	f = fopen(path, "w");
	return f && fputs(text, f) >= 0 && fclose(f) == 0 &&
	       mount(path, etc, NULL, MS_BIND, NULL) == 0;
}

/* He has one, in another group than the directory's and in one more. */
static int become_account(const char *directory)
{
	gid_t groups[4] = { 0 };
	int r;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !replace(directory, "passwd",
		     "somebody:x:47110:47112::/:/bin/sh\n") ||
	    !replace(directory, "group", "more:x:47113:somebody\n"))
		return CANNOT;
	r = become(directory);
	if (r != 0)
		return r;
	if (getgid() != SOMEBODY + 2 || getgroups(4, groups) != 2)
		return 7;
	return groups[0] + groups[1] == 2 * SOMEBODY + 5 ? 0 : 8;
}

static int in_child(int (*what)(const char *), const char *directory)
{
	int status;

	if (fork() == 0)
		_exit(what(directory));
	cr_assert_gt(wait(&status), 0);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

Test(owner, root_becomes_who_has_the_directory)
{
	struct house h;

	if (geteuid() != 0)
		cr_skip_test("for root");
	house_open(&h);
	cr_assert_eq(in_child(become, h.directory), 2, "root's own");
	cr_assert_eq(in_child(become, "/nonexistent"), 2);
	cr_assert_eq(chown(h.directory, SOMEBODY, SOMEBODY + 1), 0);
	cr_assert_eq(in_child(become_nameless, h.directory), 0);
	house_close(&h);
}

Test(owner, an_account_has_its_own_groups)
{
	struct house h;
	int r;

	if (geteuid() != 0)
		cr_skip_test("for root");
	house_open(&h);
	cr_assert_eq(chown(h.directory, SOMEBODY, SOMEBODY + 1), 0);
	r = in_child(become_account, h.directory);
	house_close(&h);
	if (r == CANNOT)
		cr_skip_test("nothing may be mounted");
	cr_assert_eq(r, 0, "%d", r);
}
