/* SPDX-License-Identifier: ISC */
/* SHA-256 (FIPS 180-4), done by Nettle. */
#pragma once

#include "base/slice.h"

#include <nettle/sha2.h>

struct digest {
	struct sha256_ctx sha256;
};

void digest_start(struct digest *d);
void digest_add(struct digest *d, struct slice s);

/* The first `n` (at most 32) bytes of the digest, as lower-case hex with NUL:
 * `ret` has room for 2 n + 1. */
void digest_hex(struct digest *d, char *ret, size_t n);
