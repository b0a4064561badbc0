/* SPDX-License-Identifier: ISC */
/* See lines.h: the counter with the vectors of newer x86 processors. */
#define LANES 32
#include "mail/lines_lanes.h"

#include <sys/platform/x86.h>

/* The C library has asked; the compiler would ask again in every process as it
 * starts, and a virtual machine's processor answers slowly. */
bool lines_are_wide(void)
{
	return CPU_FEATURE_ACTIVE(AVX2);
}

__attribute__((target("avx2"))) const char *lines_count_wide(struct lines *l,
							     const char *p,
							     const char *to)
{
	return count(l, p, to);
}
