/* SPDX-License-Identifier: ISC */
/* See digest.h. */
#include "base/digest.h"

#include <assert.h>

void digest_start(struct digest *d)
{
	sha256_init(&d->sha256);
}

void digest_add(struct digest *d, struct slice s)
{
	if (s.n > 0)
		sha256_update(&d->sha256, s.n, (const uint8_t *)s.p);
}

void digest_hex(struct digest *d, char *ret, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t bytes[SHA256_DIGEST_SIZE];

	assert(n <= sizeof(bytes));
	sha256_digest(&d->sha256, sizeof(bytes), bytes);
	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = hex[bytes[i] >> 4];
		ret[2 * i + 1] = hex[bytes[i] & 15];
	}
	ret[2 * n] = '\0';
}
