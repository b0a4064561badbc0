/* SPDX-License-Identifier: ISC */
/* See seal.h. */
#include "mail/seal.h"

#include <assert.h>

#define NAME "X-Postern-Seal"

static bool is_once(struct slice word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= ' ' || word.p[i] > '~')
			return false;
	return word.n < sizeof(((struct seal *)NULL)->once);
}

static bool is_digest(struct slice word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!ascii_is_digit(word.p[i]) &&
		    (word.p[i] < 'a' || word.p[i] > 'f'))
			return false;
	return word.n == 16;
}

size_t seal_format(const struct seal *s, char ret[SEAL_MAX])
{
	int n;

	assert(is_digest(slice_of(s->digest)) && is_once(slice_of(s->once)));
	n = snprintf(ret, SEAL_MAX, NAME ": %012llu %s%s%s\n",
		     (unsigned long long)s->length, s->digest,
		     s->once[0] != '\0' ? " " : "", s->once);
	assert(n > 0 && n < SEAL_MAX);
	return (size_t)n;
}

bool seal_is(struct slice line)
{
	struct slice name = slice_upto(line, slice_find(line, ':'));

	return name.n < line.n && slice_starts_nocase(name, SLICE(NAME)) &&
	       slice_trim(slice_from(name, sizeof(NAME) - 1)).n == 0;
}

static void copy(struct slice from, char *ret)
{
	memcpy(ret, from.p, from.n);
	ret[from.n] = '\0';
}

int seal_parse(struct slice line, struct seal *ret)
{
	struct slice rest = slice_from(line, slice_find(line, ':') + 1);
	struct slice length = slice_word(&rest), digest = slice_word(&rest);
	struct slice once = slice_word(&rest);
	uint64_t n;

	if (!seal_is(line) || slice_trim(rest).n > 0 ||
	    slice_number(length, 1, UINT64_MAX, &n) < 0 || !is_digest(digest) ||
	    !is_once(once))
		return -EBADMSG;
	ret->length = n;
	copy(digest, ret->digest);
	copy(once, ret->once);
	return 0;
}
