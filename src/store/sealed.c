/* SPDX-License-Identifier: ISC */
/* See sealed.h. */
#include "store/sealed.h"

#include "store/extent.h"

#define HEAD_MAX 2048 /* more than any From_ line and seal of ours */

bool sealed_here(const struct sealed *s, uint64_t inode)
{
	return s->seal.inode == inode && s->seal.offset == s->from;
}

bool sealed_whole(int fd, uint64_t size, const struct sealed *s)
{
	uint64_t front = s->from_n + s->seal_n;
	char found[SEAL_DIGEST + 1];
	struct digest d;
	int r;

	if (s->seal.length < front || s->from > size ||
	    s->seal.length > size - s->from)
		return false;
	digest_start(&d);
	r = extent_add(fd, s->from, s->from_n, &d);
	if (r == 0)
		r = extent_add(fd, s->from + front, s->seal.length - front, &d);
	digest_hex(&d, found, SEAL_DIGEST / 2);
	return r == 0 && strcmp(found, s->seal.digest) == 0;
}

int sealed_find(int fd, uint64_t from, struct sealed *ret)
{
	char head[HEAD_MAX];
	ssize_t n = file_read_at(fd, head, sizeof(head), from);
	struct slice rest;
	struct sealed s = { .from = from };

	if (n < 0)
		return (int)n;
	rest = (struct slice){ head, (size_t)n };
	s.from_n = slice_find(rest, '\n') + 1;
	rest = slice_from(rest, s.from_n);
	s.seal_n = slice_find(rest, '\n') + 1;
	if (seal_parse(slice_upto(rest, s.seal_n - 1), &s.seal) < 0)
		return 0;
	*ret = s;
	return 1;
}
