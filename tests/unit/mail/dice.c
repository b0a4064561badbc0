/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "dice.h"

/* xorshift64* */
size_t dice_roll(struct dice *d, size_t sides)
{
	d->state = d->state > 0 ? d->state : 88172645463325252U;
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (size_t)((d->state * 2685821657736338717U) >> 33) % sides;
}

void dice_message(struct dice *d, struct buf *b)
{
	static const struct slice words[] = {
		SLICE("\n"),
		SLICE("\n"),
		SLICE("\n\n"),
		SLICE("From "),
		SLICE("\nFrom "),
		SLICE("\n\nFrom a@b Mon Nov 23 07:15:03 2026\n"),
		SLICE("\n>From "),
		SLICE("\n>>>>From"),
		SLICE(">"),
		SLICE("\n>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>From "),
		SLICE("Fro"),
		SLICE("m "),
		SLICE("\r\n"),
		SLICE("\r"),
		SLICE("\0"),
		SLICE("\xff\x80"),
		SLICE(" "),
		SLICE("Subject: x\n"),
		SLICE("Status: RO\nContent-Length: 3\n"),
		SLICE("a line of text\n"),
	};
	size_t n = dice_roll(d, 12);

	for (size_t i = 0; i < n; i++)
		cr_assert_eq(buf_put(b, words[dice_roll(d, ARRAY_LEN(words))]),
			     0);
	/* lines longer than anything a scanner keeps of them */
	for (size_t i = dice_roll(d, 20) == 0 ? 1500 : 0; i > 0; i--)
		cr_assert_eq(buf_put_byte(b, 'x'), 0);
}

struct slice dice_piece(struct dice *d, struct slice *rest)
{
	size_t n = dice_roll(d, dice_roll(d, 4) == 0 ? 400 : 7);
	struct slice piece = slice_upto(*rest, n);

	*rest = slice_from(*rest, n);
	return piece;
}

int dice_put(void *buf, struct slice bytes)
{
	return buf_put(buf, bytes);
}
