/* SPDX-License-Identifier: ISC */
/* See lines.h. Blocks in which nothing may begin, nearly all, are counted
 * without a branch per vector; others are looked through once more. */
#include "mail/lines.h"

#define LANES   16 /* what every 64-bit machine has */
#define VECTORS 64 /* to a block; under 256, for the sums are bytes */
#define BLOCK   (LANES * VECTORS)
#define AHEAD   3 /* from the F of From to its m */

typedef uint8_t lanes __attribute__((vector_size(LANES)));

#define ALL(c)                                                                 \
	((lanes){ (c), (c), (c), (c), (c), (c), (c), (c), (c), (c), (c), (c),  \
		  (c), (c), (c), (c) })

/* What was seen: each lane a count, or 0xff where it was ever so. */
struct seen {
	lanes ends, marks, cr;
};

static inline lanes load(const char *p)
{
	lanes v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* LFs are counted one byte early, where they are looked for anyway. */
static inline void look(struct seen *s, const char *p)
{
	lanes here = load(p), before = load(p - 1);
	lanes end = (lanes)(before == ALL('\n'));

	s->ends -= end;
	s->marks |=
		(lanes)(here == ALL('F')) & (end | (lanes)(before == ALL('>')));
	s->cr |= (lanes)(before == ALL('\r'));
}

static inline bool any(lanes v)
{
	uint64_t halves[2];

	memcpy(halves, &v, sizeof(v));
	return (halves[0] | halves[1]) != 0;
}

static inline uint64_t sum(lanes v)
{
	uint64_t n = 0;

	for (int i = 0; i < LANES; i++)
		n += v[i];
	return n;
}

/* How many LFs in a block have a CR before them? */
static uint64_t count_crlf(const char *p)
{
	lanes n = { 0 };

	for (const char *to = p + BLOCK; p < to; p += LANES)
		n -= (lanes)(load(p) == ALL('\n')) &
		     (lanes)(load(p - 1) == ALL('\r'));
	return sum(n);
}

/* False, and nothing counted, when a line may begin in this block. */
static bool count_block(struct lines *l, const char *p)
{
	struct seen s = { .ends = { 0 } };

	for (int i = 0; i < VECTORS; i += 4) {
		look(&s, p + i * LANES);
		look(&s, p + (i + 1) * LANES);
		look(&s, p + (i + 2) * LANES);
		look(&s, p + (i + 3) * LANES);
	}
	if (any(s.marks))
		return false;
	l->ends += sum(s.ends);
	if (any(s.cr))
		l->crlf += count_crlf(p);
	return true;
}

/* The same byte by byte: to the mark, or `to`. */
static const char *count_bytes(struct lines *l, const char *p, const char *to)
{
	for (; p < to; p++) {
		if (*p == 'F' && (p[-1] == '\n' || p[-1] == '>'))
			break;
		l->ends += p[-1] == '\n';
		l->crlf += *p == '\n' && p[-1] == '\r';
	}
	return p;
}

/* … and vector by vector, to the vector of the mark or the last whole one. */
static const char *count_vectors(struct lines *l, const char *p, const char *to)
{
	lanes ends = { 0 }, crlf = { 0 };

	for (; to - p >= LANES + AHEAD; p += LANES) {
		struct seen s = { .ends = { 0 } };

		look(&s, p);
		if (any(s.marks))
			break;
		ends += s.ends;
		crlf -= (lanes)(load(p) == ALL('\n')) &
			(lanes)(load(p - 1) == ALL('\r'));
	}
	l->ends += sum(ends);
	l->crlf += sum(crlf);
	return p;
}

const char *lines_count(struct lines *l, const char *p, const char *to)
{
	for (p++; to - p >= BLOCK + AHEAD; p += BLOCK)
		if (!count_block(l, p))
			break;
	p = count_vectors(l, p,
			  to - p > BLOCK + AHEAD ? p + BLOCK + AHEAD : to);
	p = count_bytes(l, p, to);
	l->ends += p[-1] == '\n';
	return p;
}
