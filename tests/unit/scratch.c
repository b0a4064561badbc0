/* SPDX-License-Identifier: ISC */
/* See scratch.h. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "tests/unit/scratch.h"

char scratch_path[] = "/tmp/postern-scratch.XXXXXX";

void scratch_new(void)
{
	int fd = mkstemp(scratch_path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(close(fd), 0);
	clock_freeze(1700000000000000, 0);
}

void scratch_done(void)
{
	(void)unlink(scratch_path);
}
