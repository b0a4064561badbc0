/* SPDX-License-Identifier: ISC */
/* Messages that are the same as another one as far as their digests tell. Once
 * others have taken messages out of a mailbox, nobody knows which of them are
 * left. */
#pragma once

#include "store/index.h"

#define TWINS_MOST                                                             \
	65536 /* that are remembered; more: all are taken for such             \
	       */

struct twins {
	uint64_t *tags; /* uidl_tag of their digests, sorted by twins_sort */
	size_t n, room;
	bool all;
};

/* Add those of x. 0 or -errno. Call twins_done either way. */
int twins_add(struct twins *t, struct index *x) MUST_LOOK;
void twins_sort(struct twins *t);

/* Is, or was, there another one with that digest? Behind twins_sort. */
bool twins_have(const struct twins *t, const uint8_t digest[INDEX_DIGEST]);
void twins_done(struct twins *t);
