/* SPDX-License-Identifier: ISC */
/* See tls_gnutls.h: the little of a ClientHello that GnuTLS does not tell, and
 * the name in it. Hostile bytes. */
#include "net/tls_gnutls.h"

#define SUITE_TLS13 0x1300 /* 0x13xx: any key will do (RFC 8446 §B.4) */

/* ECDHE_ECDSA with AEAD: RFC 5289, 7905, 7251. */
static const uint16_t ecdsa_suites[] = {
	0xC02B, 0xC02C, 0xCCA9, 0xC0AC, 0xC0AD, 0xC0AE, 0xC0AF,
};

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

static bool is_for_ecdsa(unsigned suite)
{
	if ((suite & 0xff00) == SUITE_TLS13 && (suite & 0xff) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(ecdsa_suites); i++)
		if (suite == ecdsa_suites[i])
			return true;
	return false;
}

void tls_hello_read(struct slice body, struct tls_hello *ret)
{
	struct slice rest = slice_from(body, 2 + 32); /* version, random */
	struct slice suites;
	size_t n = number(&rest, 1); /* of the session's id */

	rest = slice_from(rest, n);
	n = number(&rest, 2);
	suites = slice_upto(rest, n);
	ret->ecdsa_suites = false;
	while (suites.n >= 2)
		if (is_for_ecdsa(number(&suites, 2)))
			ret->ecdsa_suites = true;
}

int tls_name_judge(struct slice name, char ret[TLS_NAME_MAX])
{
	char plain[TLS_NAME_MAX];

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > 253 || name.p[0] == '.')
		return -EINVAL;
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		bool dot = c == '.' && name.p[i - 1] != '.';

		if (!dot && !ascii_is_alnum(c) && c != '-')
			return -EINVAL;
		plain[i] = c;
	}
	memcpy(ret, plain, name.n);
	ret[name.n] = '\0';
	return 0;
}
