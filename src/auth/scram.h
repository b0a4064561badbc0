/* SPDX-License-Identifier: ISC */
/* SCRAM-SHA-256's keys (RFC 5802 §3, RFC 7677), as the passwords file keeps
 * them: "ITERATIONS,SALT,STOREDKEY,SERVERKEY", the last three in base64. */
#pragma once

#include "auth/shape.h"
#include "base/slice.h"

#define SCRAM_KEY_BYTES 32
#define SCRAM_SALT_MAX  64
#define SCRAM_ITER_MAX  10000000
#define SCRAM_TEXT_MAX  256 /* with NUL */

struct scram_keys {
	uint64_t iterations;
	uint8_t salt[SCRAM_SALT_MAX];
	size_t salt_n;
	uint8_t stored[SCRAM_KEY_BYTES];
	uint8_t server[SCRAM_KEY_BYTES];
};

/* 0, or -EINVAL. */
int scram_parse(struct slice text, struct scram_keys *ret) MUST_LOOK;
void scram_format(const struct scram_keys *keys, char ret[SCRAM_TEXT_MAX]);

/* The keys that belong to keys->iterations, salt and this password, which is
 * prepared by SASLprep (RFC 4013). 0, -EINVAL (it cannot be prepared, or there
 * is a NUL in it), -ENOENT (it is not ASCII, and postern-sasl.so cannot be
 * loaded), or -ENOMEM. */
int scram_derive(struct slice password, struct scram_keys *keys) MUST_LOOK;

/* New ones with a fresh salt. As scram_derive, or -EIO. */
int scram_fresh(struct slice password, uint64_t iterations,
		struct scram_keys *ret) MUST_LOOK;

/* Are these the password's keys? In constant time. 1, 0, -ENOENT (as above) or
 * -ENOMEM. */
int scram_fits(const struct scram_keys *keys, struct slice password) MUST_LOOK;

#define SCRAM_SALT_NEW 16 /* octets of those made here */

/* What a name without keys is answered with: a salt that hangs on `secret` and
 * the name alone, keys that nothing fits. 0 or -EIO. */
int scram_fake(struct slice secret, struct slice name,
	       const struct scram_shape *shape,
	       struct scram_keys *ret) MUST_LOOK;

/* Which shape shall be such a name's: of 2^32. Does not show in its salt. */
uint32_t scram_fake_point(struct slice secret, struct slice name);
