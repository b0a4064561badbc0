/* SPDX-License-Identifier: ISC */
/* See idna.h; the one file that knows the library. */
#include "mail/idna.h"

#include <idn2.h>

#include "config.h"

#define LOOKUP (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

static enum addr_trouble trouble_of(int idn2_error)
{
	switch (idn2_error) {
	case IDN2_OK:
		return ADDR_OK;
	case IDN2_MALLOC:
		return ADDR_NO_MEMORY;
	case IDN2_TOO_BIG_DOMAIN:
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT:
		return ADDR_DOMAIN_LONG;
	default:
		return ADDR_DOMAIN_SYNTAX;
	}
}

static enum addr_trouble to_ascii(const char *name, char **ret)
{
	uint8_t *out = NULL;
	int r = idn2_lookup_u8((const uint8_t *)name, &out, LOOKUP);

	*ret = (char *)out;
	return trouble_of(r);
}

static enum addr_trouble to_unicode(const char *name, char **ret)
{
	return idn2_to_unicode_8z8z(name, ret, 0) == IDN2_OK
		       ? ADDR_OK
		       : ADDR_DOMAIN_SYNTAX;
}

static void free_result(char *result)
{
	idn2_free(result);
}

const struct idna postern_idna = {
	.module = { PACKAGE_VERSION },
	.to_ascii = to_ascii,
	.to_unicode = to_unicode,
	.free = free_result,
};
