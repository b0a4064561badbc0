/* SPDX-License-Identifier: ISC */
/* When to try again: exponential with jitter, per destination. */
#pragma once

#include "base/base.h"

/* attempts: made so far (1 …). random: any 32 random bits. Between min_s and
 * max_s, doubling, with up to a quarter taken off or put on. */
int64_t backoff_us(unsigned attempts, uint64_t min_s, uint64_t max_s,
		   uint32_t random);

/* Such bits. Without randomness in the system all come back at once, no
 * worse. */
uint32_t backoff_random(void);
