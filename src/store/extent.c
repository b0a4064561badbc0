/* SPDX-License-Identifier: ISC */
/* See extent.h. */
#include "store/extent.h"

#include <sys/stat.h>

#define SECTOR 512

int extent_size(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (uint64_t)st.st_size;
	return 0;
}

/* Octets of empty lines at the start of `s`. */
static size_t empty_lines(struct slice s)
{
	struct slice rest = s;

	for (;;) {
		if (slice_starts(rest, SLICE("\n")))
			rest = slice_from(rest, 1);
		else if (slice_starts(rest, SLICE("\r\n")))
			rest = slice_from(rest, 2);
		else
			return s.n - rest.n;
	}
}

int extent_empty_lines(int fd, uint64_t *ret)
{
	char text[4096];
	uint64_t at = 0;
	ssize_t n;
	size_t empty;

	do {
		n = file_read_at(fd, text, sizeof(text), at);
		if (n < 0)
			return (int)n;
		empty = empty_lines((struct slice){ text, (size_t)n });
		at += empty;
	} while (empty + 1 >= sizeof(text)); /* a CRLF may be cut in two */
	*ret = at;
	return 0;
}

int extent_missing_lfs(int fd, uint64_t at, size_t *ret)
{
	char text[3] = "\n\n\n";
	size_t n = at < sizeof(text) ? (size_t)at : sizeof(text);
	ssize_t got = file_read_at(fd, text + sizeof(text) - n, n, at - n);
	struct slice end = { text, sizeof(text) };

	if (got < (ssize_t)n)
		return got < 0 ? (int)got : -EIO;
	if (slice_ends(end, SLICE("\n\n")) || slice_ends(end, SLICE("\n\r\n")))
		*ret = 0;
	else
		*ret = slice_ends(end, SLICE("\n")) ? 1 : 2;
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

/* The NULs at the end of these octets; how many. */
static size_t tail_of_zeros(const char *p, size_t n)
{
	size_t zeros = 0;

	while (zeros < n && p[n - 1 - zeros] == '\0')
		zeros++;
	return zeros;
}

int extent_hole(int fd, uint64_t from, uint64_t to, uint64_t *ret)
{
	char window[16 * SECTOR];

	for (uint64_t at = from; at < to;) {
		uint64_t edge = at - at % sizeof(window) + sizeof(window);
		size_t want = (size_t)((edge < to ? edge : to) - at);
		ssize_t got = file_read_at(fd, window, want, at);

		if (got < (ssize_t)want)
			return got < 0 ? (int)got : -EIO;
		for (size_t i = 0, n; i < want; i += n) {
			size_t zeros;

			n = SECTOR - (size_t)((at + i) % SECTOR);
			if (n > want - i)
				n = want - i;
			zeros = tail_of_zeros(window + i, n);
			if (zeros == 0)
				continue;
			*ret = at + i + n - zeros;
			return 1;
		}
		at += want;
	}
	return 0;
}

int extent_has_hole(int fd, uint64_t from, uint64_t to)
{
	uint64_t at = from, hole, edge;
	int r = 0;

	while (at < to && (r = extent_hole(fd, at, to, &hole)) > 0) {
		edge = hole - hole % SECTOR;
		if (hole == edge || hole == from)
			return 1;
		at = edge + SECTOR;
	}
	return r < 0 ? r : 0;
}
