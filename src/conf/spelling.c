/* SPDX-License-Identifier: ISC */
/* See spelling.h. */
#include "conf/spelling.h"

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Three rows of the table of distances between all beginnings of a and b. */
struct rows {
	unsigned before[SPELLING_WORD_MAX + 1]; /* i - 2 */
	unsigned above[SPELLING_WORD_MAX + 1];  /* i - 1 */
	unsigned now[SPELLING_WORD_MAX + 1];    /* i */
};

static bool swapped(struct slice a, size_t i, struct slice b, size_t j)
{
	return i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
	       a.p[i - 2] == b.p[j - 1];
}

static void fill_row(struct rows *r, struct slice a, size_t i, struct slice b)
{
	r->now[0] = (unsigned)i;
	for (size_t j = 1; j <= b.n; j++) {
		unsigned exchange =
			r->above[j - 1] + (a.p[i - 1] != b.p[j - 1]);

		r->now[j] =
			least(least(r->above[j], r->now[j - 1]) + 1, exchange);
		if (swapped(a, i, b, j))
			r->now[j] = least(r->now[j], r->before[j - 2] + 1);
	}
	memcpy(r->before, r->above, sizeof(r->before));
	memcpy(r->above, r->now, sizeof(r->above));
}

unsigned spelling_distance(struct slice a, struct slice b)
{
	struct rows r = { 0 };

	if (a.n > SPELLING_WORD_MAX || b.n > SPELLING_WORD_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= b.n; j++)
		r.above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++)
		fill_row(&r, a, i, b);
	return r.above[b.n];
}

bool spelling_close(struct slice wrong, struct slice right)
{
	unsigned most = right.n < 5 ? 1 : 2;

	if (spelling_distance(wrong, right) <= most)
		return true;
	/* half a word, or one too long: "message" for "message_max" */
	return (wrong.n >= 4 && slice_starts(right, wrong)) ||
	       (right.n >= 4 && slice_starts(wrong, right));
}
