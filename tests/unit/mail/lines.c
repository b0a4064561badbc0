/* SPDX-License-Identifier: ISC */
#include "mail/lines.h"

#include <criterion/criterion.h>

#include "dice.h"

/* What is counted, byte by byte; `to` and where it may stop. */
static void count(struct lines *l, const char *start, const char *p,
		  const char *to)
{
	for (; p < to; p++) {
		l->ends += *p == '\n';
		l->crlf += *p == '\n' && p > start && p[-1] == '\r';
	}
}

static bool is_mark(const char *start, const char *p, const char *to)
{
	return p > start && (p[-1] == '\n' || p[-1] == '>') && to - p >= 4 &&
	       memcmp(p, "From", 4) == 0;
}

static void fill(struct dice *d, char *p, size_t n)
{
	static const char few[] = "\n\n\r>Fromx";
	size_t rare = dice_roll(d, 2) == 0 ? 9 : 400;

	for (size_t i = 0; i < n; i++) {
		size_t roll = dice_roll(d, rare);

		p[i] = roll < 9 ? few[roll] : 'x';
		if (roll < 3 && n - i > 5 && dice_roll(d, 8) == 0) {
			memcpy(p + i, "\nFrom", 5);
			i += 4;
		}
	}
	p[n - 1] = '\n';
}

/* Every byte is counted once, and no From_ line is run over. */
Test(lines, are_counted_up_to_where_a_message_may_begin)
{
	struct dice d = { 7 };

	for (int round = 0; round < 3000; round++) {
		size_t n = dice_roll(&d, dice_roll(&d, 2) ? 60 : 6000) + 1;
		char *text = malloc(n); /* its edges are guarded so */
		const char *p = text, *to = text + n;

		cr_assert(text);
		fill(&d, text, n);
		while (p < to) {
			struct lines l = { 0 }, slow = { 0 };
			const char *stop = lines_count(&l, p, to);

			cr_assert(stop > p && stop <= to, "round %d", round);
			count(&slow, text, p, stop);
			cr_assert_eq(l.ends, slow.ends, "round %d", round);
			cr_assert_eq(l.crlf, slow.crlf, "round %d", round);
			for (p++; p < stop; p++)
				cr_assert_not(is_mark(text, p, to), "round %d",
					      round);
		}
		free(text);
	}
}
