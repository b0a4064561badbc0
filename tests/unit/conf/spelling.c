/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/spelling.h"

static const struct {
	const char *a, *b;
	unsigned distance;
} rows[] = {
	{ "", "", 0 },
	{ "", "abc", 3 },
	{ "abc", "", 3 },
	{ "abc", "abc", 0 },
	{ "abc", "abd", 1 },
	{ "abc", "ab", 1 },
	{ "abc", "xabc", 1 },
	{ "abc", "acb", 1 },
	{ "kitten", "sitting", 3 },
	{ "netwroks", "networks", 1 },
};

Test(spelling, measures_distance)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_assert_eq(spelling_distance(slice_of(rows[i].a),
					       slice_of(rows[i].b)),
			     rows[i].distance, "%s %s", rows[i].a, rows[i].b);
}

Test(spelling, long_words_resemble_nothing)
{
	char word[SPELLING_WORD_MAX + 1];

	memset(word, 'x', sizeof(word));
	cr_assert_eq(spelling_distance((struct slice){ word, sizeof(word) },
				       SLICE("x")),
		     UINT_MAX);
	cr_assert_eq(spelling_distance((struct slice){ word, sizeof(word) - 1 },
				       SLICE("x")),
		     SPELLING_WORD_MAX - 1);
}

Test(spelling, asks_only_where_it_is_close)
{
	cr_assert(spelling_close(SLICE("smpt"), SLICE("smtp")));
	cr_assert(spelling_close(SLICE("message"), SLICE("message_max")));
	cr_assert(spelling_close(SLICE("expire_after"), SLICE("expire")));
	cr_assert_not(spelling_close(SLICE("dog"), SLICE("dns")));
	cr_assert_not(spelling_close(SLICE("a"), SLICE("aliases")));
}
