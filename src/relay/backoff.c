/* SPDX-License-Identifier: ISC */
/* See backoff.h. */
#include "relay/backoff.h"

#include <sys/random.h>

#define SECOND_US 1000000

int64_t backoff_us(unsigned attempts, uint64_t min_s, uint64_t max_s,
		   uint32_t random)
{
	uint64_t wait_s = min_s > 0 ? min_s : 1;
	uint64_t wait_us, quarter;

	if (max_s < wait_s)
		max_s = wait_s;
	while (attempts > 1 && wait_s < max_s) {
		wait_s *= 2;
		attempts--;
	}
	if (wait_s > max_s)
		wait_s = max_s;
	wait_us = wait_s * SECOND_US;
	quarter = wait_us / 4;
	/* from three quarters to five quarters */
	return (int64_t)(wait_us - quarter +
			 2 * quarter * (random >> 16) / 65536);
}

uint32_t backoff_random(void)
{
	uint32_t random = 0;

	return getrandom(&random, sizeof(random), 0) == sizeof(random) ? random
								       : 0;
}
