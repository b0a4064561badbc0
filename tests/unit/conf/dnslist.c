/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/dnslist.h"

static const struct {
	const char *word;
	uint8_t answer[4];
	bool counts;
} rows[] = {
	{ "l.example", { 127, 0, 0, 2 }, true },
	{ "l.example", { 127, 255, 254, 1 }, true },
	{ "l.example", { 127, 255, 255, 254 }, false },
	{ "l.example", { 192, 0, 2, 1 }, false },
	{ "l.example", { 0, 0, 0, 0 }, false },
	{ "l.example=127.0.0.2", { 127, 0, 0, 2 }, true },
	{ "l.example=127.0.0.2", { 127, 0, 0, 3 }, false },
	{ "l.example=127.0.0.2", { 127, 0, 1, 2 }, false },
	{ "l.example=127.0.0.4-11", { 127, 0, 0, 4 }, true },
	{ "l.example=127.0.0.4-11", { 127, 0, 0, 11 }, true },
	{ "l.example=127.0.0.4-11", { 127, 0, 0, 12 }, false },
	{ "l.example=127.0.0.4-11", { 127, 0, 0, 3 }, false },
	{ "l.example=127.0.*.2-3", { 127, 0, 15, 3 }, true },
	{ "l.example=127.0.*.2-3", { 127, 0, 15, 1 }, false },
	{ "l.example=127.0.0.2|127.0.0.9", { 127, 0, 0, 9 }, true },
	{ "l.example=127.0.0.2|127.0.0.9", { 127, 0, 0, 8 }, false },
	{ "l.example=*.*.*.*", { 192, 0, 2, 1 }, false },
	{ "l.example=*.*.*.*", { 127, 255, 255, 252 }, false },
};

Test(dnslist, knows_which_answers_count)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dns_list l;

		cr_assert_eq(dnslist_parse(slice_of(rows[i].word), &l), 0, "%s",
			     rows[i].word);
		cr_assert(slice_eq(l.zone, SLICE("l.example")));
		cr_assert_eq(dnslist_counts(&l, rows[i].answer), rows[i].counts,
			     "row %zu: %s", i, rows[i].word);
	}
}

Test(dnslist, tells_a_refusal)
{
	const uint8_t yes[4] = { 127, 255, 255, 254 };
	const uint8_t no[4] = { 127, 0, 0, 2 };

	cr_assert(dnslist_is_refusal(yes));
	cr_assert_not(dnslist_is_refusal(no));
}
