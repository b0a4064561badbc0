/* SPDX-License-Identifier: ISC */
/* An arena: many small pieces with one life. A session owns two, its own and
 * the transaction's; each has a cap, so that a session's memory is bounded by
 * what it was born with. Under sanitizers every piece is allocated by itself,
 * so that an overrun shows. */
#pragma once

#include "base/slice.h"

struct arena;

/* NULL when memory is short. */
struct arena *arena_new(size_t cap_bytes);

/* Zeroed, aligned for anything; NULL when the cap or memory is reached. */
void *arena_alloc(struct arena *a, size_t n) MUST_LOOK;

/* A copy of `s` with a NUL behind it, which the slice does not count.
 * ret.p == NULL when the cap or memory is reached. */
struct slice arena_copy(struct arena *a, struct slice s) MUST_LOOK;

/* Formatted text, likewise. */
struct slice arena_printf(struct arena *a, const char *format, ...)
	PRINTF_LIKE(2, 3) MUST_LOOK;

/* Bytes given out since birth or the last reset. */
size_t arena_used(const struct arena *a);

void arena_reset(struct arena *a);
void arena_free(struct arena *a);
