/* SPDX-License-Identifier: ISC */
/* See digest.h. */
#include "base/digest.h"

#include <assert.h>
#include <nettle/memops.h>

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

void digest_keyed_start(struct digest_keyed *d, struct slice key)
{
	hmac_sha256_set_key(&d->hmac, key.n, (const uint8_t *)key.p);
}

void digest_keyed_add(struct digest_keyed *d, struct slice s)
{
	if (s.n > 0)
		hmac_sha256_update(&d->hmac, s.n, (const uint8_t *)s.p);
}

void digest_keyed_end(struct digest_keyed *d, uint8_t ret[DIGEST_KEYED_BYTES])
{
	hmac_sha256_digest(&d->hmac, DIGEST_KEYED_BYTES, ret);
	explicit_bzero(d, sizeof(*d));
}

bool digest_same(const uint8_t *a, const uint8_t *b, size_t n)
{
	return memeql_sec(a, b, n) != 0;
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
