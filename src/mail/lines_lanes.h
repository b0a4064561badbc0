/* SPDX-License-Identifier: ISC */
/* The counter of lines.h, with vectors of LANES bytes: its includer says how
 * wide, and puts it into a function compiled for a machine that has them.
 * Portable: the compiler's vectors.
 *
 * Blocks in which no line begins with F, nearly all, are counted without a
 * branch per vector; others are looked at more closely, and where one may be a
 * From_ line, through once more. */
#pragma once

#include "mail/lines.h"

#define BLOCK   512
#define VECTORS (BLOCK / LANES) /* under 256, for the sums are bytes */

/* Compiled for its caller's machine: never by itself. */
#define HERE static inline __attribute__((always_inline))

typedef uint8_t lanes __attribute__((vector_size(LANES)));

#define ALL(c) ((lanes){ 0 } + (uint8_t)(c))

/* What was seen: each lane a count, or 0xff where it was ever so. */
struct seen {
	lanes ends, marks, cr;
};

HERE void load(lanes *v, const char *p)
{
	memcpy(v, p, sizeof(*v));
}

/* LFs are counted one byte early, where they are looked for anyway. closely: is
 * there a 'r' behind the 'F'? Then a byte more is read. */
HERE void look(struct seen *s, const char *p, bool closely)
{
	lanes here, before, behind, end, mark;

	load(&here, p);
	load(&before, p - 1);
	end = (lanes)(before == ALL('\n'));
	mark = (lanes)(here == ALL('F')) & (end | (lanes)(before == ALL('>')));
	if (closely) {
		load(&behind, p + 1);
		mark &= (lanes)(behind == ALL('r'));
	}
	s->ends -= end;
	s->marks |= mark;
	s->cr |= (lanes)(before == ALL('\r'));
}

HERE bool any(const lanes *v)
{
	uint64_t words[LANES / 8], all = 0;

	memcpy(words, v, sizeof(words));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		all |= words[i];
	return all != 0;
}

/* Of all the bytes: neighbours are added first, into 16 bits each. */
HERE uint64_t sum(const lanes *v)
{
	const uint64_t even = 0x00ff00ff00ff00ff, ones = 0x0001000100010001;
	uint64_t words[LANES / 8], pairs = 0;

	memcpy(words, v, sizeof(words));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		pairs += (words[i] & even) + (words[i] >> 8 & even);
	return pairs * ones >> 48;
}

/* LFs that have a CR before them. */
HERE void look_crlf(lanes *n, const char *p)
{
	lanes here, before;

	load(&here, p);
	load(&before, p - 1);
	*n -= (lanes)(here == ALL('\n')) & (lanes)(before == ALL('\r'));
}

HERE uint64_t count_crlf(const char *p, int vectors)
{
	lanes n = { 0 };

	for (int i = 0; i < vectors; i++)
		look_crlf(&n, p + i * LANES);
	return sum(&n);
}

/* False, and nothing counted, when a line may begin in these vectors. */
HERE bool count_block(struct lines *l, const char *p, int vectors, bool closely)
{
	struct seen s = { .ends = { 0 } };

#pragma GCC unroll 4
	for (int i = 0; i < vectors; i++)
		look(&s, p + i * LANES, closely);
	if (any(&s.marks))
		return false;
	l->ends += sum(&s.ends);
	if (any(&s.cr))
		l->crlf += count_crlf(p, vectors);
	return true;
}

/* The same byte by byte: to the mark, or `to`. */
HERE const char *count_bytes(struct lines *l, const char *p, const char *to)
{
	for (; p < to; p++) {
		if (*p == 'F' && (p[-1] == '\n' || p[-1] == '>') &&
		    (p + 1 == to || p[1] == 'r'))
			break;
		l->ends += p[-1] == '\n';
		l->crlf += *p == '\n' && p[-1] == '\r';
	}
	return p;
}

HERE const char *count(struct lines *l, const char *p, const char *to)
{
	for (p++; to - p > BLOCK; p += BLOCK)
		if (!count_block(l, p, VECTORS, false) &&
		    !count_block(l, p, VECTORS, true))
			break;
	for (; to - p > LANES; p += LANES)
		if (!count_block(l, p, 1, true))
			break;
	p = count_bytes(l, p, to);
	l->ends += p[-1] == '\n';
	return p;
}
