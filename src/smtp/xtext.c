/* SPDX-License-Identifier: ISC */
/* xtext of RFC 3461 §4, declared in params.h. */
#include "smtp/params.h"

/* xchar = any ASCII CHAR between "!" (33) and "~" (126), except "+", "=" */
static bool is_xchar(char c)
{
	return c > ' ' && c < 127 && c != '+' && c != '=';
}

int xtext_encode(struct buf *b, struct slice plain)
{
	const size_t before = b->n;
	int r = 0;

	for (size_t i = 0; i < plain.n && r == 0; i++) {
		if (is_xchar(plain.p[i]))
			r = buf_put_byte(b, plain.p[i]);
		else
			r = buf_printf(b, "+%02X", (unsigned char)plain.p[i]);
	}
	if (r < 0)
		b->n = before;
	return r;
}

/* Upper case only, as the grammar has it. */
static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hexchar = "+" 2HEXDIGIT */
static int put_hexchar(struct buf *b, struct slice s)
{
	int high = s.n >= 3 && s.p[0] == '+' ? hex_digit(s.p[1]) : -1;
	int low = high >= 0 ? hex_digit(s.p[2]) : -1;

	return low < 0 ? -EINVAL : buf_put_byte(b, (char)(high * 16 + low));
}

int xtext_decode(struct buf *b, struct slice xtext)
{
	const size_t before = b->n;
	int r = 0;

	while (xtext.n > 0 && r == 0) {
		bool plain = is_xchar(xtext.p[0]);

		r = plain ? buf_put_byte(b, xtext.p[0]) : put_hexchar(b, xtext);
		xtext = slice_from(xtext, plain ? 1 : 3);
	}
	if (r < 0)
		b->n = before;
	return r;
}
