/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/ident.h"

Test(ident, sorts_by_time_and_repeats_never)
{
	char before[IDENT_MAX] = "", now[IDENT_MAX];

	for (int i = 0; i < 1000; i++) {
		clock_freeze(1795420547632743 + i, i);
		ident_new(now);
		cr_assert(ident_valid(slice_of(now)), "%s", now);
		cr_assert_gt(strcmp(now, before), 0, "%s after %s", now,
			     before);
		memcpy(before, now, sizeof(now));
	}
	ident_new(now);
	cr_assert_str_neq(now, before);
	clock_thaw();
}

Test(ident, valid)
{
	cr_assert_not(ident_valid(SLICE("")));
	cr_assert_not(ident_valid(SLICE("../../etc/passw")));
	cr_assert_not(ident_valid(SLICE("0123456789abcd\0")));
	cr_assert_not(ident_valid(SLICE("0123456789abcdef")));
	cr_assert(ident_valid(SLICE("0123456789abcde")));
}
