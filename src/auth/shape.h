/* SPDX-License-Identifier: ISC */
/* How many rounds and how long a salt the SCRAM keys of the passwords file
 * have: what a name without keys is answered with must not be told by them. */
#pragma once

#include "base/base.h"

struct scram_shape {
	uint64_t iterations;
	size_t salt_n;
};

/* One of those that stand there, each as often as it does: `point` of 2^32
 * says which, and goes on to say so while their shares stay about the same.
 * Looks at the first SHAPE_LINES lines. Untouched where there is none. */
#define SHAPE_LINES 256
void scram_shape_pick(const char *passwords, uint32_t point,
		      struct scram_shape *shape);
