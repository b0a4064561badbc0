/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/digest.h"

/* RFC 4231 §4.3 */
Test(digest, keyed_is_the_rfcs)
{
	static const uint8_t expect[DIGEST_KEYED_BYTES] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
	};
	static const uint8_t zero[sizeof(struct digest_keyed)];
	uint8_t mac[DIGEST_KEYED_BYTES];
	struct digest_keyed d;

	digest_keyed_start(&d, SLICE("Jefe"));
	digest_keyed_add(&d, SLICE("what do ya want "));
	digest_keyed_add(&d, SLICE_NONE);
	digest_keyed_add(&d, SLICE("for nothing?"));
	digest_keyed_end(&d, mac);
	cr_assert(digest_same(mac, expect, sizeof(mac)));
	cr_assert_eq(memcmp(&d, zero, sizeof(d)), 0);
}

Test(digest, same_looks_at_every_byte)
{
	uint8_t a[DIGEST_KEYED_BYTES] = { 0 }, b[DIGEST_KEYED_BYTES] = { 0 };

	cr_assert(digest_same(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		cr_assert_not(digest_same(a, b, sizeof(a)), "byte %zu", i);
		b[i] = 0;
	}
}
