/* SPDX-License-Identifier: ISC */
#include "store/uidl_sieve.h"

#include <criterion/criterion.h>

/* splitmix64: tags as good as a digest's */
static uint64_t tag_of(uint64_t i)
{
	uint64_t z = i * 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct uidl_sieve *sieve(void)
{
	struct uidl_sieve *s = calloc(1, sizeof(*s));

	cr_assert(s);
	return s;
}

Test(uidl_sieve, tells_a_hundred_thousand_different_ones_apart)
{
	struct uidl_sieve *s = sieve();

	for (uint64_t i = 1; i <= 100000; i++)
		uidl_sieve_add(s, tag_of(i));
	cr_assert_not(s->twins);
	free(s);
}

/* Whatever came between, and whatever the tag. */
Test(uidl_sieve, never_misses_a_twin)
{
	for (uint64_t twin = 0; twin <= 500; twin++) {
		uint64_t tag = twin < 64 ? (uint64_t)1 << twin : tag_of(twin);
		static struct uidl_sieve s;

		memset(&s, 0, sizeof(s));
		uidl_sieve_add(&s, tag);
		for (uint64_t i = 0; i < twin % 7; i++)
			uidl_sieve_add(&s, tag_of(5000 + i));
		cr_assert_not(s.twins, "%llx", (unsigned long long)tag);
		uidl_sieve_add(&s, tag);
		cr_assert(s.twins, "%llx", (unsigned long long)tag);
	}
}

Test(uidl_sieve, says_yes_once_it_is_full)
{
	struct uidl_sieve *s = sieve();

	for (uint64_t i = 1; i <= 2000000; i++)
		uidl_sieve_add(s, tag_of(i));
	cr_assert(s->twins);
	free(s);
}
