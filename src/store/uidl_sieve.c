/* SPDX-License-Identifier: ISC */
/* See uidl_sieve.h: a Bloom filter; its hashes are sums of the tag's halves,
 * which are a digest's and so as good as chance. */
#include "store/uidl_sieve.h"

/* Of 100,000 messages two then seem to be twins once in 500 mailboxes. */
#define HASHES 6

void uidl_sieve_add(struct uidl_sieve *s, uint64_t tag)
{
	uint64_t at = tag >> 32, step = tag | 1;
	bool all = true;

	for (int i = 0; i < HASHES; i++, at += step) {
		uint64_t *word = &s->words[at / 64 % UIDL_SIEVE_WORDS];
		uint64_t bit = (uint64_t)1 << at % 64;

		all &= (*word & bit) != 0;
		*word |= bit;
	}
	s->twins |= all;
}
