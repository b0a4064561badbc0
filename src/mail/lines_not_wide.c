/* SPDX-License-Identifier: ISC */
/* See lines.h: where there are no wider vectors than every machine's. */
#include "mail/lines.h"

bool lines_are_wide(void)
{
	return false;
}

const char *lines_count_wide(struct lines *l, const char *p, const char *to)
{
	return lines_count_narrow(l, p, to);
}
