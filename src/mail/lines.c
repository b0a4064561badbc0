/* SPDX-License-Identifier: ISC */
/* See lines.h. */
#include "mail/lines.h"

#define LANES 16 /* what every 64-bit machine has */
#include "mail/lines_lanes.h"

const char *lines_count_narrow(struct lines *l, const char *p, const char *to)
{
	return count(l, p, to);
}

const char *lines_count(struct lines *l, const char *p, const char *to)
{
	return lines_are_wide() ? lines_count_wide(l, p, to)
				: lines_count_narrow(l, p, to);
}
