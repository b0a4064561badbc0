/* SPDX-License-Identifier: ISC */
/* SHA-256 (FIPS 180-4), done by Nettle. */
#pragma once

#include "base/slice.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>

struct digest {
	struct sha256_ctx sha256;
};

void digest_start(struct digest *d);
void digest_add(struct digest *d, struct slice s);

/* The first `n` (at most 32) bytes of the digest, as lower-case hex with NUL:
 * `ret` has room for 2 n + 1. */
void digest_hex(struct digest *d, char *ret, size_t n);

/* HMAC-SHA-256 (RFC 2104): nobody without the key can tell or choose what
 * comes out. The end wipes *d. */
#define DIGEST_KEYED_BYTES 32
struct digest_keyed {
	struct hmac_sha256_ctx hmac;
};

void digest_keyed_start(struct digest_keyed *d, struct slice key);
void digest_keyed_add(struct digest_keyed *d, struct slice s);
void digest_keyed_end(struct digest_keyed *d, uint8_t ret[DIGEST_KEYED_BYTES]);

/* Are these `n` bytes equal? Takes as long wherever they differ. */
bool digest_same(const uint8_t *a, const uint8_t *b, size_t n);

/* MD5 (RFC 1321), also Nettle's: only where another program's names are made
 * of it. */
struct digest_md5 {
	struct md5_ctx md5;
};

void digest_md5_start(struct digest_md5 *d);
void digest_md5_add(struct digest_md5 *d, struct slice s);
void digest_md5_end(struct digest_md5 *d, uint8_t ret[16]);
