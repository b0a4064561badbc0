/* SPDX-License-Identifier: ISC */
/* Messages of a mailbox held against their seals (mail/seal.h). */
#pragma once

#include "mail/seal.h"

/* Where a sealed message stands. */
struct sealed {
	uint64_t from;   /* of its From_ line */
	uint64_t from_n; /* octets of that, with its LF */
	uint64_t seal_n; /* of the seal */
	struct seal seal;
};

/* Was it written for this place? */
bool sealed_here(const struct sealed *s, uint64_t inode);

/* Is it, in a file of `size` octets, as its seal says? False also when it
 * cannot be read. */
bool sealed_whole(int fd, uint64_t size, const struct sealed *s);

/* The message whose From_ line begins at `from`: 1, 0 (it has no seal), or
 * -errno. */
int sealed_find(int fd, uint64_t from, struct sealed *ret) MUST_LOOK;
