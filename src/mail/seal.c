/* SPDX-License-Identifier: ISC */
/* See seal.h. */
#include "mail/seal.h"

#define OCTETS_MAX (1ULL << 62)

size_t seal_format(const struct seal *s, char ret[SEAL_MAX])
{
	int n = snprintf(
		ret, SEAL_MAX, SEAL_NAME ": %012llu %s %llu-%012llu%s%s\n",
		(unsigned long long)s->length, s->digest,
		(unsigned long long)s->inode, (unsigned long long)s->offset,
		s->once[0] != '\0' ? " " : "", s->once);

	return (size_t)n;
}

bool seal_is(struct slice line)
{
	return slice_starts_nocase(line, SLICE(SEAL_NAME ":"));
}

static bool take_digest(struct slice word, char ret[SEAL_DIGEST + 1])
{
	if (word.n != SEAL_DIGEST)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!ascii_is_digit(word.p[i]) &&
		    (word.p[i] < 'a' || word.p[i] > 'f'))
			return false;
	memcpy(ret, word.p, word.n);
	ret[word.n] = '\0';
	return true;
}

static bool take_place(struct slice word, struct seal *s)
{
	size_t dash = slice_find(word, '-');

	return slice_number(slice_upto(word, dash), 0, UINT64_MAX, &s->inode) ==
		       0 &&
	       slice_number(slice_from(word, dash + 1), 0, OCTETS_MAX,
			    &s->offset) == 0;
}

static bool take_once(struct slice word, char ret[SEAL_ONCE + 1])
{
	if (word.n > SEAL_ONCE)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= ' ' || word.p[i] > '~')
			return false;
	if (word.n > 0)
		memcpy(ret, word.p, word.n);
	ret[word.n] = '\0';
	return true;
}

int seal_parse(struct slice line, struct seal *ret)
{
	struct seal s = { 0 };

	if (!slice_starts(line, SLICE(SEAL_NAME ": ")))
		return -EBADMSG;
	line = slice_from(line, sizeof(SEAL_NAME ": ") - 1);
	if (slice_number(slice_word(&line), 0, OCTETS_MAX, &s.length) < 0 ||
	    !take_digest(slice_word(&line), s.digest) ||
	    !take_place(slice_word(&line), &s) ||
	    !take_once(slice_word(&line), s.once) || slice_trim(line).n > 0)
		return -EBADMSG;
	*ret = s;
	return 0;
}
