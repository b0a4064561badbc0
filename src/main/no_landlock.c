/* SPDX-License-Identifier: ISC */
/* See landlock.h: built with sanitizers or coverage, which write their reports
 * when a process ends. As on a kernel that has no Landlock. */
#include "main/landlock.h"

unsigned landlock_version(void)
{
	return 0;
}

int landlock_new(unsigned version, bool tcp)
{
	(void)version, (void)tcp;
	return -ENOSYS;
}

int landlock_allow_fd(int rules, unsigned version, int fd, unsigned what)
{
	(void)rules, (void)version, (void)fd, (void)what;
	return -ENOSYS;
}

int landlock_allow(int rules, unsigned version, const char *path, unsigned what)
{
	(void)path;
	return landlock_allow_fd(rules, version, -1, what);
}

int landlock_enter(int rules)
{
	(void)rules;
	return -ENOSYS;
}
