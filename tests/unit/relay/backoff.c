/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "relay/backoff.h"

#define S ((int64_t)1000000)

Test(backoff, doubles_up_to_the_most)
{
	static const struct {
		unsigned attempts;
		uint64_t min_s, max_s;
		int64_t middle_us;
	} rows[] = {
		{ 0, 300, 14400, 300 * S },
		{ 1, 300, 14400, 300 * S },
		{ 2, 300, 14400, 600 * S },
		{ 3, 300, 14400, 1200 * S },
		{ 6, 300, 14400, 9600 * S },
		{ 7, 300, 14400, 14400 * S },
		{ 99999, 300, 14400, 14400 * S },
		{ UINT_MAX, 1, 30 * 86400, 30 * 86400 * S },
		{ 5, 0, 0, 1 * S },
		{ 5, 600, 300, 600 * S }, /* settings at odds */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t quarter = rows[i].middle_us / 4;
		int64_t least = backoff_us(rows[i].attempts, rows[i].min_s,
					   rows[i].max_s, 0);
		int64_t half = backoff_us(rows[i].attempts, rows[i].min_s,
					  rows[i].max_s, UINT32_C(1) << 31);
		int64_t most = backoff_us(rows[i].attempts, rows[i].min_s,
					  rows[i].max_s, UINT32_MAX);

		cr_assert_eq(least, rows[i].middle_us - quarter, "row %zu", i);
		cr_assert_eq(half, rows[i].middle_us, "row %zu", i);
		cr_assert_leq(most, rows[i].middle_us + quarter, "row %zu", i);
		cr_assert_gt(most, rows[i].middle_us + quarter * 9 / 10,
			     "row %zu", i);
	}
}

Test(backoff, random_bits_differ)
{
	uint32_t first = backoff_random();
	bool differ = false;

	for (int i = 0; i < 8; i++)
		differ |= backoff_random() != first;
	cr_assert(differ);
}
