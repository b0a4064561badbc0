/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/slice.h"

Test(slice, comparing)
{
	cr_assert(slice_eq(SLICE("a\0b"), SLICE("a\0b")));
	cr_assert_not(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
	cr_assert(slice_eq(SLICE_NONE, SLICE("")));
	cr_assert(slice_eq_nocase(SLICE("aZ["), SLICE("Az[")));
	cr_assert_not(slice_eq_nocase(SLICE("["), SLICE("{")));
	cr_assert_not(slice_eq_nocase(SLICE("\xC4"), SLICE("\xE4")));
	cr_assert(slice_starts(SLICE("abc"), SLICE("ab")));
	cr_assert_not(slice_starts(SLICE("a"), SLICE("ab")));
	cr_assert(slice_ends(SLICE("abc"), SLICE("bc")));
	cr_assert_not(slice_ends(SLICE("c"), SLICE("bc")));
}

Test(slice, cutting)
{
	struct slice s = SLICE(" \ta b\t ");
	struct slice rest = SLICE("  one\ttwo ");

	cr_assert(slice_eq(slice_trim(s), SLICE("a b")));
	cr_assert(slice_eq(slice_word(&rest), SLICE("one")));
	cr_assert(slice_eq(slice_word(&rest), SLICE("two")));
	cr_assert_eq(slice_word(&rest).n, 0);
	cr_assert_eq(slice_find(s, 'b'), 4);
	cr_assert_eq(slice_find(s, 'x'), s.n);
	cr_assert_eq(slice_find_last(SLICE("a.b.c"), '.'), 3);
	cr_assert_eq(slice_from(s, 100).n, 0);
	cr_assert_eq(slice_upto(s, 100).n, s.n);
	cr_assert_null(slice_from(SLICE_NONE, 3).p);
}

Test(slice, fields)
{
	static const struct {
		const char *in;
		size_t n;
	} rows[] = { { "a:b", 2 }, { "a:", 2 }, { ":", 2 }, { "", 1 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice rest = slice_of(rows[i].in), field;
		size_t n = 0;

		while (slice_field(&rest, ':', &field))
			n++;
		cr_assert_eq(n, rows[i].n, "%s: %zu", rows[i].in, n);
	}
}

Test(slice, numbers)
{
	static const struct {
		const char *in;
		uint64_t min, max;
		int want;
	} rows[] = {
		{ "0", 0, 9, 0 },
		{ "9", 0, 9, 0 },
		{ "10", 0, 9, -ERANGE },
		{ "4", 5, 9, -ERANGE },
		{ "", 0, 9, -EINVAL },
		{ "+1", 0, 9, -EINVAL },
		{ "-1", 0, 9, -EINVAL },
		{ " 1", 0, 9, -EINVAL },
		{ "1x", 0, 9, -EINVAL },
		{ "007", 0, 9, 0 },
		{ "18446744073709551615", 0, UINT64_MAX, 0 },
		{ "18446744073709551616", 0, UINT64_MAX, -ERANGE },
		{ "99999999999999999999999", 0, UINT64_MAX, -ERANGE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t value = 77;
		int r = slice_number(slice_of(rows[i].in), rows[i].min,
				     rows[i].max, &value);

		cr_assert_eq(r, rows[i].want, "%s: %d", rows[i].in, r);
		if (r < 0)
			cr_assert_eq(value, 77, "%s", rows[i].in);
	}
}
