/* SPDX-License-Identifier: ISC */
/* See escape.h. RFC 3629 §4 is the table behind utf8_length. */
#include "base/escape.h"

struct range {
	unsigned char first_min, first_max; /* of the lead byte */
	unsigned char second_min, second_max;
	unsigned char length;
};

/* clang-format off */
static const struct range ranges[] = {
	{ 0xC2, 0xDF, 0x80, 0xBF, 2 },
	{ 0xE0, 0xE0, 0xA0, 0xBF, 3 },
	{ 0xE1, 0xEC, 0x80, 0xBF, 3 },
	{ 0xED, 0xED, 0x80, 0x9F, 3 },
	{ 0xEE, 0xEF, 0x80, 0xBF, 3 },
	{ 0xF0, 0xF0, 0x90, 0xBF, 4 },
	{ 0xF1, 0xF3, 0x80, 0xBF, 4 },
	{ 0xF4, 0xF4, 0x80, 0x8F, 4 },
};
/* clang-format on */

static bool continues(struct slice s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (((unsigned char)s.p[i] & 0xC0) != 0x80)
			return false;
	return true;
}

/* Length of the well-formed sequence at the front of `s`, or 0. */
static size_t utf8_length(struct slice s)
{
	unsigned char first = (unsigned char)s.p[0];

	if (first < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		const struct range *r = &ranges[i];

		if (first < r->first_min || first > r->first_max)
			continue;
		if (s.n < r->length || (unsigned char)s.p[1] < r->second_min ||
		    (unsigned char)s.p[1] > r->second_max)
			return 0;
		return continues(s, 2, r->length) ? r->length : 0;
	}
	return 0;
}

bool utf8_valid(struct slice s)
{
	while (s.n > 0) {
		size_t n = utf8_length(s);

		if (n == 0)
			return false;
		s = slice_from(s, n);
	}
	return true;
}

bool ascii_only(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0)
			return false;
	return true;
}

/* C1 controls, line and paragraph separators, marks and overrides of text
 * direction: what would make a terminal or a reader see something else. */
static bool is_deceptive(struct slice c)
{
	unsigned char a = (unsigned char)c.p[0];
	unsigned char b = c.n > 1 ? (unsigned char)c.p[1] : 0;
	unsigned char d = c.n > 2 ? (unsigned char)c.p[2] : 0;

	if (c.n == 1)
		return a < 0x20 || a == 0x7F;
	if (c.n == 2)
		return a == 0xC2 && b < 0xA0;
	if (c.n == 3 && a == 0xE2 && b == 0x80)
		return (d >= 0x8B && d <= 0x8F) || (d >= 0xA8 && d <= 0xAE);
	if (c.n == 3 && a == 0xE2 && b == 0x81)
		return d >= 0xA6 && d <= 0xA9;
	return c.n == 3 && a == 0xEF && b == 0xBB && d == 0xBF;
}

static int put_one(struct buf *b, struct slice c, bool plain)
{
	int r = 0;

	if (c.n == 1 && c.p[0] == '\\')
		return buf_put(b, SLICE("\\\\"));
	if (plain)
		return buf_put(b, c);
	for (size_t i = 0; i < c.n && r == 0; i++)
		r = buf_printf(b, "\\x%02X", (unsigned char)c.p[i]);
	return r;
}

int escape_text(struct buf *b, struct slice s, size_t most)
{
	struct slice rest = slice_upto(s, most);
	size_t before = b->n;
	int r = 0;

	while (rest.n > 0 && r == 0) {
		size_t n = utf8_length(rest);
		struct slice c = slice_upto(rest, n > 0 ? n : 1);

		r = put_one(b, c, n > 0 && !is_deceptive(c));
		rest = slice_from(rest, c.n);
	}
	if (r == 0 && s.n > most)
		r = buf_put(b, SLICE("…"));
	if (r < 0)
		b->n = before;
	return r;
}
