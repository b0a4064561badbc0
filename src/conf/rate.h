/* SPDX-License-Identifier: ISC */
/* How often something may happen, as it is written in postern.conf(5):
 * "60/1 min". Counts nothing. */
#pragma once

#include "base/buf.h"

#define RATE_MOST   1000000ULL
#define RATE_PER_MS (30ULL * 24 * 60 * 60 * 1000) /* at most */

/* `n` at once, and from then on one in each n-th part of `per_ms`. */
struct rate {
	uint64_t n; /* 0: no limit */
	uint64_t per_ms;
};

/* "60/1 min", "60/min", "none". 0, -EINVAL, or -ERANGE: under one or over
 * RATE_MOST, under one second or over RATE_PER_MS. */
int rate_parse(struct slice text, struct rate *ret) MUST_LOOK;

/* Back again. 0 or as buf_put. */
int rate_format(struct buf *b, const struct rate *r) MUST_LOOK;
