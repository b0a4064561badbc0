/* SPDX-License-Identifier: ISC */
/* What root runs by hand must leave nothing in the queue that the handlers'
 * account cannot open. Rights are given up here, never taken. */
#include "queue/queue.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Of the account, or of nothing but that directory. */
static int take_groups(const struct stat *st)
{
	const struct passwd *pw = getpwuid(st->st_uid);
	gid_t gid = pw ? pw->pw_gid : st->st_gid;
	int r = pw ? initgroups(pw->pw_name, gid) : setgroups(0, NULL);

	return r < 0 || setgid(gid) < 0 ? -errno : 0;
}

/* setgid(2) and setuid(2) forget who is told when the parent dies. */
static int become(const struct stat *st)
{
	int told = 0, r;

	(void)prctl(PR_GET_PDEATHSIG, &told);
	r = take_groups(st);
	if (r < 0)
		return r;
	if (setuid(st->st_uid) < 0)
		return -errno;
	return prctl(PR_SET_PDEATHSIG, told) < 0 ? -errno : 0;
}

int queue_become_owner(const char *directory)
{
	struct stat st;

	/* what is not there, queue_open complains of */
	if (geteuid() != 0 || stat(directory, &st) < 0 || st.st_uid == 0)
		return 0;
	return become(&st);
}
