/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/escape.h"

static const struct {
	struct slice in, out;
} rows[] = {
	{ SLICE("plain text"), SLICE("plain text") },
	{ SLICE("a\nb\r\t\0c\x7f"), SLICE("a\\x0Ab\\x0D\\x09\\x00c\\x7F") },
	{ SLICE("back\\slash"), SLICE("back\\\\slash") },
	{ SLICE("Gr\xC3\xBC\xC3\x9F"
		"e"),
	  SLICE("Gr\xC3\xBC\xC3\x9F"
		"e") },
	{ SLICE("\xC0\xAF"), SLICE("\\xC0\\xAF") },
	{ SLICE("\xED\xA0\x80"), SLICE("\\xED\\xA0\\x80") },
	{ SLICE("\xF4\x90\x80\x80"), SLICE("\\xF4\\x90\\x80\\x80") },
	{ SLICE("\xE2\x82"), SLICE("\\xE2\\x82") },
	{ SLICE("\xC2\x9B"), SLICE("\\xC2\\x9B") },
	{ SLICE("\xE2\x80\xAE"), SLICE("\\xE2\\x80\\xAE") },
	{ SLICE("\xE2\x81\xA6"), SLICE("\\xE2\\x81\\xA6") },
	{ SLICE("\x1B[31m"), SLICE("\\x1B[31m") },
};

Test(escape, rows)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF(1000);

		cr_assert_eq(escape_text(&b, rows[i].in, 100), 0);
		cr_assert(slice_eq(buf_slice(&b), rows[i].out), "%zu: %.*s", i,
			  (int)b.n, b.p);
		buf_done(&b);
	}
}

Test(escape, cut_and_full)
{
	struct buf b = BUF(10);

	cr_assert_eq(escape_text(&b, SLICE("abcdef"), 3), 0);
	cr_assert(slice_eq(buf_slice(&b), SLICE("abc…")));
	buf_reset(&b);
	cr_assert_eq(escape_text(&b, SLICE("\n\n\n"), 3), -EMSGSIZE);
	cr_assert_eq(b.n, 0);
	buf_done(&b);
}

Test(escape, utf8)
{
	cr_assert(utf8_valid(SLICE("")));
	cr_assert(utf8_valid(SLICE("\xF4\x8F\xBF\xBF\xEF\xBF\xBF")));
	cr_assert_not(utf8_valid(SLICE("\xF8\x88\x80\x80\x80")));
	cr_assert_not(utf8_valid(SLICE("\x80")));
	cr_assert_not(utf8_valid(SLICE("\xE0\x80\x80")));
	cr_assert(ascii_only(SLICE("abc")));
	cr_assert_not(ascii_only(SLICE("a\0c")));
	cr_assert_not(ascii_only(SLICE("\xC3\xBC")));
}
