/* SPDX-License-Identifier: ISC */
/* See tls_gnutls.h: the little of a ClientHello that GnuTLS does not tell.
 * Hostile bytes. */
#include "net/tls_gnutls.h"

/* RFC 8446 §4.2, §4.2.7 */
#define GROUPS    10
#define KEY_SHARE 51
#define SECP256R1 23
#define X25519    29

static unsigned number(struct slice *rest, size_t bytes)
{
	unsigned value = 0;

	if (rest->n < bytes) {
		*rest = SLICE_NONE;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | (unsigned char)rest->p[i];
	*rest = slice_from(*rest, bytes);
	return value;
}

/* Behind a length in so many bytes: taken from the front of `rest`. */
static struct slice vector(struct slice *rest, size_t bytes)
{
	size_t n = number(rest, bytes);
	struct slice v = slice_upto(*rest, n);

	*rest = slice_from(*rest, n);
	return v;
}

static bool is_among(const struct tls_suites *suites, unsigned suite)
{
	for (size_t i = 0; i < suites->n; i++)
		if (suites->v[i] == suite)
			return true;
	return false;
}

/* RFC 8701 §2: stands for nothing */
static bool is_grease(unsigned value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* What it would like best; 0: nothing. */
static unsigned first_of(struct slice values)
{
	while (values.n >= 2) {
		unsigned value = number(&values, 2);

		if (!is_grease(value))
			return value;
	}
	return 0;
}

/* Who has no AES in hardware begins with these: RFC 8446 §B.4, RFC 7905 §3. */
static bool is_chacha(unsigned suite)
{
	return suite == 0x1303 || suite == 0xcca8 || suite == 0xcca9;
}

static bool has_ecdsa(struct slice suites, const struct tls_suites *ecdsa)
{
	while (suites.n >= 2)
		if (is_among(ecdsa, number(&suites, 2)))
			return true;
	return false;
}

/* RFC 8446 §4.2.8 */
static bool has_share(struct slice extension, unsigned group)
{
	struct slice shares = vector(&extension, 2);

	while (shares.n >= 4) {
		unsigned is = number(&shares, 2);

		if (is == group)
			return true;
		(void)vector(&shares, 2); /* the key */
	}
	return false;
}

/* X25519 is as strong as what it would like best, and costs no round trip. */
static bool takes_x25519(struct slice extensions)
{
	bool likes = true, has = true;

	while (extensions.n >= 4) {
		unsigned type = number(&extensions, 2), group;
		struct slice extension = vector(&extensions, 2);

		if (type == KEY_SHARE)
			has = has_share(extension, X25519);
		if (type != GROUPS)
			continue;
		group = first_of(vector(&extension, 2));
		likes = group == X25519 || group == SECP256R1;
	}
	return likes && has;
}

void tls_hello_read(struct slice body, const struct tls_suites *ecdsa,
		    struct tls_hello *ret)
{
	struct slice rest = slice_from(body, 2 + 32); /* version, random */
	struct slice suites;

	(void)vector(&rest, 1); /* the session's id */
	suites = vector(&rest, 2);
	(void)vector(&rest, 1); /* how to compress */
	ret->ecdsa_suites = has_ecdsa(suites, ecdsa);
	ret->suits =
		!is_chacha(first_of(suites)) && takes_x25519(vector(&rest, 2));
}
