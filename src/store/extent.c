/* SPDX-License-Identifier: ISC */
/* See extent.h. */
#include "store/extent.h"

#include <sys/stat.h>

int extent_size(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (uint64_t)st.st_size;
	return 0;
}

int extent_add(int fd, uint64_t at, uint64_t n, struct digest *d)
{
	char *block = malloc(EXTENT_BLOCK);
	int r = block ? 0 : -ENOMEM;

	while (n > 0 && r == 0) {
		size_t want = n < EXTENT_BLOCK ? (size_t)n : EXTENT_BLOCK;
		ssize_t got = file_read_at(fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else
			digest_add(d, (struct slice){ block, want });
		at += want;
		n -= want;
	}
	free(block);
	return r;
}

int extent_digest(int fd, uint64_t at, uint64_t n, char ret[65])
{
	struct digest d;
	int r;

	digest_start(&d);
	r = extent_add(fd, at, n, &d);
	if (r == 0)
		digest_hex(&d, ret, 32);
	return r;
}

bool extent_is(int fd, uint64_t at, uint64_t n, const char *digest)
{
	char found[65];

	return extent_digest(fd, at, n, found) == 0 &&
	       strcmp(found, digest) == 0;
}

static bool block_same(int fd, uint64_t at, int other, uint64_t other_at,
		       size_t n, char *two)
{
	return file_read_at(fd, two, n, at) == (ssize_t)n &&
	       file_read_at(other, two + n, n, other_at) == (ssize_t)n &&
	       memcmp(two, two + n, n) == 0;
}

bool extent_same(int fd, uint64_t at, int other, uint64_t other_at, uint64_t n)
{
	char *two = malloc(2 * (size_t)EXTENT_BLOCK);
	bool same = two != NULL;

	for (uint64_t done = 0; same && done < n; done += EXTENT_BLOCK) {
		size_t want = n - done < EXTENT_BLOCK ? (size_t)(n - done)
						      : EXTENT_BLOCK;

		same = block_same(fd, at + done, other, other_at + done, want,
				  two);
	}
	free(two);
	return same;
}
