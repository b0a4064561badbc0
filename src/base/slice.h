/* SPDX-License-Identifier: ISC */
/* A slice: bytes somebody else owns. What arrives from outside is one, never
 * a C string: NUL is data. Passed by value. */
#pragma once

#include "base/base.h"

struct slice {
	const char *p;
	size_t n;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })
#define SLICE_NONE     ((struct slice){ NULL, 0 })

/* printf("%.*s", SLICE_ARG(s)): only for slices known to be short text. */
#define SLICE_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* The bytes of the C string `s` without its NUL; NULL gives SLICE_NONE. */
struct slice slice_of(const char *s);

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal but for the case of A-Z; no locale. */
bool slice_eq_nocase(struct slice a, struct slice b);

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);

/* Offset of the first `c`, or s.n when there is none. */
static inline size_t slice_find(struct slice s, char c)
{
	const char *at = s.n > 0 ? (const char *)memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

/* Offset of the last `c`, or s.n when there is none. */
size_t slice_find_last(struct slice s, char c);

/* The part from `at` on, and the part before it; `at` is cut to s.n. */
static inline struct slice slice_from(struct slice s, size_t at)
{
	if (at > s.n)
		at = s.n;
	return (struct slice){ s.p ? s.p + at : NULL, s.n - at };
}

static inline struct slice slice_upto(struct slice s, size_t at)
{
	return (struct slice){ s.p, at < s.n ? at : s.n };
}

/* Without blanks and tabs at both ends. */
struct slice slice_trim(struct slice s);

/* Cut the next word off the front of *rest: skips blanks and tabs, then takes
 * what is none. An empty slice when nothing is left. */
struct slice slice_word(struct slice *rest);

/* Cut off *rest what stands before the next `sep` (all of it when there is
 * none) and step over the separator. False when *rest.p is NULL: every field
 * was given out; a trailing separator yields one last empty field. */
bool slice_field(struct slice *rest, char sep, struct slice *ret_field);

/* The one number parser: decimal digits only, no sign, no blanks, all of the
 * slice. 0, -EINVAL (not a number), or -ERANGE (outside min..max). */
int slice_number(struct slice s, uint64_t min, uint64_t max, uint64_t *ret);

/* ASCII only, no locale. */
char ascii_lower(char c);
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_alnum(char c);
