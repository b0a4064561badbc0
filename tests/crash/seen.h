/* SPDX-License-Identifier: ISC */
/* Hashes of what has been looked at. */
#pragma once

#include "base/base.h"

struct seen {
	uint64_t *slots;
	size_t n, room;
};

/* False: it was there. */
bool seen_add(struct seen *s, uint64_t hash);
uint64_t seen_mix(uint64_t hash, const void *p, size_t n);
void seen_done(struct seen *s);
