/* SPDX-License-Identifier: ISC */
/* See tls_gnutls.h: the little of a ClientHello that GnuTLS does not tell.
 * Hostile bytes. */
#include "net/tls_gnutls.h"

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

static bool is_among(const struct tls_suites *suites, unsigned suite)
{
	for (size_t i = 0; i < suites->n; i++)
		if (suites->v[i] == suite)
			return true;
	return false;
}

void tls_hello_read(struct slice body, const struct tls_suites *ecdsa,
		    struct tls_hello *ret)
{
	struct slice rest = slice_from(body, 2 + 32); /* version, random */
	struct slice suites;
	size_t n = number(&rest, 1); /* of the session's id */

	rest = slice_from(rest, n);
	n = number(&rest, 2);
	suites = slice_upto(rest, n);
	ret->ecdsa_suites = false;
	while (suites.n >= 2)
		if (is_among(ecdsa, number(&suites, 2)))
			ret->ecdsa_suites = true;
}
