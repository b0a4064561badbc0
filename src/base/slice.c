/* SPDX-License-Identifier: ISC */
/* See slice.h. */
#include "base/slice.h"

struct slice slice_of(const char *s)
{
	return s ? (struct slice){ s, strlen(s) } : SLICE_NONE;
}

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool ascii_is_alpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

bool ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool slice_starts_nocase(struct slice s, struct slice prefix)
{
	return slice_eq_nocase(slice_upto(s, prefix.n), prefix);
}

bool slice_ends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n &&
	       slice_eq(slice_from(s, s.n - suffix.n), suffix);
}

size_t slice_find_last(struct slice s, char c)
{
	const char *at = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = slice_from(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct slice slice_word(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	while (rest->n > 0 && is_blank(rest->p[0]))
		*rest = slice_from(*rest, 1);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	word = slice_upto(*rest, n);
	*rest = slice_from(*rest, n);
	return word;
}

bool slice_field(struct slice *rest, char sep, struct slice *ret_field)
{
	size_t at;

	if (!rest->p)
		return false;
	at = slice_find(*rest, sep);
	*ret_field = slice_upto(*rest, at);
	*rest = at < rest->n ? slice_from(*rest, at + 1) : SLICE_NONE;
	return true;
}

int slice_number(struct slice s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	bool over = false;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return -EINVAL;
		over |= __builtin_mul_overflow(value, 10, &value);
		over |= __builtin_add_overflow(value, (unsigned)(s.p[i] - '0'),
					       &value);
	}
	if (over || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}
