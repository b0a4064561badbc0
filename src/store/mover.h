/* SPDX-License-Identifier: ISC */
/* Gathering stretches of one file into another, or further to its own front,
 * in large blocks. */
#pragma once

#include "base/file.h"

struct mover {
	int from, to;
	uint64_t to_at;
	char *block;
	size_t n; /* octets in it */
	struct file_behind behind;
};

/* From `from` to `to`, there from `at` on. drop: `to` will not be read soon.
 * 0 or -ENOMEM; mover_done in any case. */
int mover_start(struct mover *m, int from, int to, uint64_t at,
		bool drop) MUST_LOOK;
void mover_done(struct mover *m);

/* The next `n` octets, which lie at `at`. In one and the same file: behind all
 * that is written before. 0, -EIO when there are fewer, or -errno. */
int mover_add(struct mover *m, uint64_t at, uint64_t n) MUST_LOOK;

/* All is given out. */
int mover_end(struct mover *m) MUST_LOOK;
