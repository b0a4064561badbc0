/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/options.h"

Test(options, come_one_by_one)
{
	static const struct {
		const char *word, *key, *value;
	} want[] = {
		{ "quota=1G", "quota", "1G" },
		{ "colour = blue = green", "colour", "blue = green" },
		{ "bare", "bare", "" },
		{ "empty=", "empty", "" },
	};
	struct slice rest =
		SLICE("quota=1G,, colour = blue = green ,bare,empty=,");
	struct user_option o;

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		cr_assert(user_option_next(&rest, &o), "%zu", i);
		cr_expect(slice_eq(o.word, slice_of(want[i].word)), "%zu", i);
		cr_expect(slice_eq(o.key, slice_of(want[i].key)), "%zu", i);
		cr_expect(slice_eq(o.value, slice_of(want[i].value)), "%zu", i);
	}
	cr_expect_not(user_option_next(&rest, &o));
	rest = SLICE("");
	cr_expect_not(user_option_next(&rest, &o));
}
