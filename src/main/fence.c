/* SPDX-License-Identifier: ISC */
/* See fence.h. */
#include "main/fence.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static int limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now) < 0)
		return -errno;
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
		return 0;
	now.rlim_cur = now.rlim_max = most;
	return setrlimit(what, &now) < 0 ? -errno : 0;
}

int fence_raise(size_t memory_max)
{
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	r = limit(RLIMIT_CORE, 0);
#ifndef POSTERN_SANITIZED
	/* the sanitizers' shadow memory is terabytes of address space */
	if (r == 0 && memory_max > 0)
		r = limit(RLIMIT_AS, memory_max);
#else
	(void)memory_max;
#endif
	return r;
}
