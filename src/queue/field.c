/* SPDX-License-Identifier: ISC */
/* See field.h. */
#include "queue/field.h"

#include <inttypes.h>

#include "base/escape.h"
#include "mail/date.h"

#define ESCAPED_MAX 32 /* of one character */

static struct slice next_character(struct slice s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	struct slice one = slice_upto(s, n);

	return utf8_valid(one) ? one : slice_upto(s, 1);
}

static int put_character(struct buf *b, struct slice one, const char *also)
{
	if (one.p[0] != '\0' && strchr(also, one.p[0]))
		return buf_printf(b, "\\x%02X", (unsigned char)one.p[0]);
	return escape_text(b, one, one.n);
}

int field_put(struct buf *b, struct slice s, const char *also, size_t most)
{
	struct buf one = BUF(ESCAPED_MAX);
	size_t used = 0;
	int r = 0;

	while (s.n > 0 && r == 0) {
		struct slice c = next_character(s);

		buf_reset(&one);
		r = put_character(&one, c, also);
		if (r < 0 || one.n > most - used)
			break;
		r = buf_put(b, buf_slice(&one));
		used += one.n;
		s = slice_from(s, c.n);
	}
	buf_done(&one);
	return r;
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What stands behind a backslash: the octet, and how long it was. */
static int take_escape(struct slice s, size_t *ret_n)
{
	int high, low;

	if (s.n >= 1 && s.p[0] == '\\') {
		*ret_n = 1;
		return '\\';
	}
	if (s.n < 3 || s.p[0] != 'x')
		return -EBADMSG;
	high = hex_digit(s.p[1]);
	low = hex_digit(s.p[2]);
	if (high < 0 || low < 0)
		return -EBADMSG;
	*ret_n = 3;
	return high * 16 + low;
}

int field_take(struct slice text, struct arena *arena, struct slice *ret)
{
	char *p = arena_alloc(arena, text.n + 1);
	size_t n = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < text.n; i++) {
		size_t used = 0;
		int c = (unsigned char)text.p[i];

		if (c == '\\')
			c = take_escape(slice_from(text, i + 1), &used);
		else if (c < ' ')
			c = -EBADMSG;
		if (c < 0)
			return c;
		p[n++] = (char)c;
		i += used;
	}
	*ret = (struct slice){ p, n };
	return 0;
}

int stamp_put(struct buf *b, int64_t real_us)
{
	char date[DATE_MAX];

	date_iso(real_us, date);
	return buf_printf(b, "%s (%" PRId64 ")", date, real_us);
}

int stamp_take(struct slice text, int64_t *ret_us)
{
	uint64_t us;

	if (!slice_ends(text, SLICE(")")))
		return -EBADMSG;
	text = slice_from(text, slice_find(text, '(') + 1);
	if (text.n == 0 ||
	    slice_number(slice_upto(text, text.n - 1), 0, INT64_MAX, &us) < 0)
		return -EBADMSG;
	*ret_us = (int64_t)us;
	return 0;
}
