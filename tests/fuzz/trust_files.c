/* SPDX-License-Identifier: ISC */
/* The files that rates and greylisting share, full of anything: behind a good
 * header the body is the input over and over, or (first byte odd) the whole
 * file is. Nobody is refused who did nothing, and nobody is put off for ever.
 */
#include <assert.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "trust/greylist.h"
#include "trust/rates.h"

#define HEADER 64
#define BLOCK  65536

static const char rates_path[] = "/tmp/postern-fuzz.rates.XXXXXX";
static const char grey_path[] = "/tmp/postern-fuzz.grey.XXXXXX";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As much as fits of the input, whole times. */
static struct slice repeat(const uint8_t *data, size_t n, char ret[BLOCK])
{
	size_t used = 0;

	if (n > BLOCK)
		n = BLOCK;
	for (; used + n <= BLOCK; used += n)
		memcpy(ret + used, data, n);
	return (struct slice){ ret, used };
}

static void spoil(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	static char block[BLOCK];
	struct slice part = repeat(data + 1, size - 1, block);
	bool whole = data[0] % 2 == 1;
	uint64_t at = whole ? 0 : HEADER, end = whole ? size - 1 : 0;

	assert(fd >= 0);
	if (whole)
		assert(ftruncate(fd, 0) == 0);
	else
		end = (uint64_t)lseek(fd, 0, SEEK_END);
	for (; at < end; at += part.n)
		assert(file_write_at(fd, slice_upto(part, end - at), at) == 0);
	close(fd);
}

static void try_rates(const char *path, const uint8_t *data, size_t size)
{
	const struct rate limit = { 3, 60000 };
	struct rates *r;
	unsigned yes = 0;

	for (int round = 0; round < 2; round++) {
		assert(rates_open(path, &r) == 0);
		if (round == 0)
			spoil(path, data, size);
		for (int i = 0; i < 5; i++)
			yes += rates_take(r, RATES_MESSAGES, &limit,
					  SLICE("alice"));
		rates_close(r);
		clock_advance_ms(60000);
	}
	/* what was spoilt under us may count or not; refuse it must not */
	assert(yes >= 6);
}

static void try_greylist(const char *path, const uint8_t *data, size_t size)
{
	const struct greylist_times times = { 300, 7200, 86400 };
	struct greylist *g;
	struct peer p;
	bool passed;

	assert(peer_parse(SLICE("192.0.2.1"), &p) == 0);
	assert(greylist_open(path, &times, &g) == 0);
	spoil(path, data, size);
	greylist_close(g);
	assert(greylist_open(path, &times, &g) == 0);
	passed = greylist_passes(g, &p, SLICE("a"), SLICE("b"));
	clock_advance_ms(400000);
	passed |= greylist_passes(g, &p, SLICE("a"), SLICE("b"));
	assert(passed);
	greylist_close(g);
}

static void with_file(const char *name, const uint8_t *data, size_t size,
		      void (*try)(const char *, const uint8_t *, size_t))
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s", name);
	fd = mkstemp(path);
	assert(fd >= 0);
	close(fd);
	try(path, data, size);
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	clock_freeze(1700000000000000, 0);
	with_file(rates_path, data, size, try_rates);
	with_file(grey_path, data, size, try_greylist);
	clock_thaw();
	return 0;
}
