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

int extent_digest(int fd, uint64_t at, uint64_t n, char ret[65])
{
	char *block = malloc(EXTENT_BLOCK);
	struct digest d;
	int r = block ? 0 : -ENOMEM;

	digest_start(&d);
	while (n > 0 && r == 0) {
		size_t want = n < EXTENT_BLOCK ? (size_t)n : EXTENT_BLOCK;
		ssize_t got = file_read_at(fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else
			digest_add(&d, (struct slice){ block, want });
		at += want;
		n -= want;
	}
	free(block);
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
