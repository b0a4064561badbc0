/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "cli/shown.h"

Test(shown, text_is_fit_for_a_terminal)
{
	char hostile[2000], ret[SHOWN_MAX];

	cr_assert_str_eq(shown_text(SLICE("a\x1b[31m\n"), ret),
			 "a\\x1B[31m\\x0A");
	cr_assert_str_eq(shown_text(SLICE_NONE, ret), "");
	memset(hostile, 1, sizeof(hostile));
	shown_text((struct slice){ hostile, sizeof(hostile) }, ret);
	cr_assert_gt(strlen(ret), 400);
	cr_assert_lt(strlen(ret), SHOWN_MAX);
}

static const struct {
	uint64_t octets;
	const char *text;
} sizes[] = {
	{ 0, "0 B" },
	{ 1023, "1023 B" },
	{ 1024, "1.0 KiB" },
	{ 15 << 10, "15 KiB" },
	{ 1536 << 10, "1.5 MiB" },
	{ UINT64_MAX, "16777216 TiB" },
};

Test(shown, sizes)
{
	char ret[SHOWN_MAX];

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		cr_assert_str_eq(shown_size(sizes[i].octets, ret),
				 sizes[i].text);
}

static const struct {
	int64_t s;
	const char *text;
} spans[] = {
	{ -5, "0 s" },         { 0, "0 s" },         { 119, "119 s" },
	{ 120, "2 min" },      { 7199, "119 min" },  { 7200, "2 h" },
	{ 47 * 3600, "47 h" }, { 48 * 3600, "2 d" },
};

Test(shown, spans)
{
	char ret[SHOWN_MAX];

	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		cr_assert_str_eq(shown_span(spans[i].s * 1000000, ret),
				 spans[i].text);
}
