/* SPDX-License-Identifier: ISC */
/* See ident.h. */
#include "base/ident.h"

#include <sys/random.h>

#include "base/clock.h"

/* 32 signs in ascending ASCII order, so that names sort by time (those of
 * base 32 without i, l, o and u, which are misread). */
static const char signs[] = "0123456789abcdefghjkmnpqrstvwxyz";

#define LENGTH      15
#define RANDOM_BITS 24

void ident_new(char ret[IDENT_MAX])
{
	uint32_t random = 0;
	unsigned __int128 value = (uint64_t)clock_real_us();

	/* without randomness the pid still tells two processes apart */
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint32_t)getpid();
	value = value << RANDOM_BITS | (random & ((1U << RANDOM_BITS) - 1));
	for (size_t i = LENGTH; i-- > 0; value >>= 5)
		ret[i] = signs[(unsigned)value & 31];
	ret[LENGTH] = '\0';
}

bool ident_valid(struct slice s)
{
	if (s.n != LENGTH)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(signs, s.p[i]))
			return false;
	return true;
}

void ident_host(char *ret, size_t room)
{
	char name[256] = "";
	size_t n = 0;

	if (gethostname(name, sizeof(name) - 1) < 0 || name[0] == '\0')
		memcpy(name, "localhost", sizeof("localhost"));
	for (; name[n] != '\0' && n + 1 < room; n++)
		ret[n] = ascii_is_alnum(name[n]) || name[n] == '.' ? name[n]
								   : '-';
	ret[n] = '\0';
}
