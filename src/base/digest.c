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

void digest_md5_start(struct digest_md5 *d)
{
	md5_init(&d->md5);
}

void digest_md5_add(struct digest_md5 *d, struct slice s)
{
	if (s.n > 0)
		md5_update(&d->md5, s.n, (const uint8_t *)s.p);
}

void digest_md5_end(struct digest_md5 *d, uint8_t ret[16])
{
	md5_digest(&d->md5, MD5_DIGEST_SIZE, ret);
}
