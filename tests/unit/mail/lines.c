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

/* ---- narrow and wide ---- */

typedef const char *counter(struct lines *l, const char *p, const char *to);

/* What lines.h promises, byte by byte. */
static const char *plainly(struct lines *l, const char *p, const char *to)
{
	const char *start = p;

	for (p++; p < to; p++)
		if (*p == 'F' && (p[-1] == '\n' || p[-1] == '>') &&
		    (p + 1 == to || p[1] == 'r'))
			break;
	for (const char *at = start; at < p; at++) {
		l->ends += *at == '\n';
		l->crlf += *at == '\n' && at > start && at[-1] == '\r';
	}
	return p;
}

static void agrees(counter *f, const char *name, const char *p, const char *to)
{
	struct lines l = { 0 }, slow = { 0 };
	const char *stop = f(&l, p, to), *right = plainly(&slow, p, to);

	cr_assert_eq(stop, right, "%s: of %td stops at %td, not %td", name,
		     to - p, stop - p, right - p);
	cr_assert_eq(l.ends, slow.ends, "%s: of %td", name, to - p);
	cr_assert_eq(l.crlf, slow.crlf, "%s: of %td", name, to - p);
}

static void both_agree(const char *p, const char *to)
{
	agrees(lines_count, "chosen", p, to);
	agrees(lines_count_narrow, "narrow", p, to);
	if (lines_are_wide())
		agrees(lines_count_wide, "wide", p, to);
}

/* A copy whose edges are guarded, so many bytes behind a multiple of 64. */
static void both_agree_at(const char *text, size_t n, size_t behind)
{
	char *room = aligned_alloc(64, (n + behind + 63) / 64 * 64);
	char *copy = room + behind;

	cr_assert(room);
	memcpy(copy, text, n);
	both_agree(copy, copy + n);
	free(room);
}

/* Bytes that matter, wherever they may lie in vectors and blocks. */
Test(lines, narrow_and_wide_agree_on_every_place_of_a_mark)
{
	static const char *const marks[] = { "\nFr", ">Fr",  "\r\n", "\n\n",
					     "F\n",  "\rFr", "\nfr", "\nFR",
					     "\nFo", "xFr\n" };
	char text[1200];

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);

		for (size_t at = 0; at + n <= sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + at, marks[i], n);
			both_agree(text, text + sizeof(text));
			for (size_t cut = 1; cut < n; cut++)
				both_agree(text, text + at + cut);
		}
	}
}

Test(lines, narrow_and_wide_agree_at_every_alignment_and_length)
{
	struct dice d = { 11 };
	char text[700];

	for (size_t behind = 0; behind < 64; behind++)
		for (size_t n = 1; n <= 150; n++) {
			fill(&d, text, n);
			both_agree_at(text, n, behind);
		}
	for (size_t n = 1; n <= sizeof(text); n++) {
		fill(&d, text, n);
		both_agree_at(text, n, n % 64);
	}
}

/* Sums of bytes must not run over, nor signs matter. */
Test(lines, narrow_and_wide_agree_on_what_is_all_the_same)
{
	static const char same[] = "\n\r>F\0\x7f\x80\xff";
	char text[5000];

	for (size_t i = 0; i + 1 < sizeof(same); i++) {
		memset(text, same[i], sizeof(text));
		for (size_t n = 1; n <= sizeof(text); n += 97)
			both_agree(text, text + n);
	}
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '\n' : '\r';
	both_agree(text, text + sizeof(text));
}

Test(lines, narrow_and_wide_agree_on_chance)
{
	struct dice d = { 13 };

	for (int round = 0; round < 2000; round++) {
		size_t n = dice_roll(&d, 6000) + 1;
		char *text = malloc(n);

		cr_assert(text);
		fill(&d, text, n);
		for (const char *p = text, *to = text + n; p < to;) {
			struct lines l = { 0 };

			both_agree(p, to);
			p = plainly(&l, p, to);
		}
		free(text);
	}
}
