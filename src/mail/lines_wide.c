/* SPDX-License-Identifier: ISC */
/* See lines.h: the counter with the vectors of newer x86 processors. */
#define LANES 32
#include "mail/lines_lanes.h"

bool lines_are_wide(void)
{
	return __builtin_cpu_supports("avx2");
}

__attribute__((target("avx2"))) const char *lines_count_wide(struct lines *l,
							     const char *p,
							     const char *to)
{
	return count(l, p, to);
}
