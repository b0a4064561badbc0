/* SPDX-License-Identifier: ISC */
/* See domain.h. */
#include "mail/domain.h"

#include <idn2.h>

#include "base/escape.h"

#define LABEL_MAX 63
#define LOOKUP    (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

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

/* What an A-label stands for leads back to it (RFC 5890 §2.3.2.1): otherwise
 * it could be shown as one name and looked up as another. libidn2 decodes it,
 * judges what comes out, and encodes that again. */
static enum addr_trouble check_a_label(struct slice label)
{
	char text[LABEL_MAX + 1];
	uint8_t *out = NULL;
	int r;

	(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(label));
	r = idn2_lookup_u8((uint8_t *)text, &out, LOOKUP);
	idn2_free(out);
	return trouble_of(r);
}

/* sub-domain = Let-dig [Ldh-str]. An underscore is no host name but is met in
 * the wild and does no harm. */
static enum addr_trouble check_label(struct slice label)
{
	if (label.n > LABEL_MAX)
		return ADDR_DOMAIN_LONG;
	if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return ADDR_DOMAIN_SYNTAX;
	for (size_t i = 0; i < label.n; i++)
		if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' &&
		    label.p[i] != '_')
			return ADDR_DOMAIN_SYNTAX;
	if (slice_starts_nocase(label, SLICE("xn--")))
		return check_a_label(label);
	return ADDR_OK;
}

static enum addr_trouble check_ascii(struct slice name)
{
	struct slice rest = name, label;

	if (name.n == 0)
		return ADDR_DOMAIN_SYNTAX;
	if (name.n > ADDR_DOMAIN_MAX)
		return ADDR_DOMAIN_LONG;
	while (slice_field(&rest, '.', &label)) {
		enum addr_trouble t = check_label(label);

		if (t != ADDR_OK)
			return t;
	}
	return ADDR_OK;
}

static enum addr_trouble copy_lower(struct slice name, struct arena *arena,
				    struct slice *ret)
{
	struct slice copy = arena_copy(arena, name);
	char *p = (char *)copy.p;

	if (!p)
		return ADDR_NO_MEMORY;
	for (size_t i = 0; i < copy.n; i++)
		p[i] = ascii_lower(p[i]);
	*ret = copy;
	return ADDR_OK;
}

static enum addr_trouble to_ascii(struct slice name, struct arena *arena,
				  struct slice *ret)
{
	struct slice text = arena_copy(arena, name);
	uint8_t *out = NULL;
	enum addr_trouble t;
	int r;

	if (!text.p)
		return ADDR_NO_MEMORY;
	if (!utf8_valid(name) || slice_find(name, '\0') < name.n)
		return ADDR_DOMAIN_SYNTAX;
	r = idn2_lookup_u8((const uint8_t *)text.p, &out, LOOKUP);
	if (r != IDN2_OK)
		return trouble_of(r);
	t = check_ascii(slice_of((const char *)out));
	if (t == ADDR_OK)
		t = copy_lower(slice_of((const char *)out), arena, ret);
	idn2_free(out);
	return t;
}

enum addr_trouble addr_domain_ascii(struct slice s, struct arena *arena,
				    struct slice *ret)
{
	enum addr_trouble t;

	if (s.n > 4 * ADDR_DOMAIN_MAX)
		return ADDR_DOMAIN_LONG;
	if (!ascii_only(s))
		return to_ascii(s, arena, ret);
	t = check_ascii(s);
	return t == ADDR_OK ? copy_lower(s, arena, ret) : t;
}

enum addr_trouble domain_unicode(struct slice ascii, struct arena *arena,
				 struct slice *ret)
{
	struct slice text = arena_copy(arena, ascii);
	char *out = NULL;

	if (!text.p)
		return ADDR_NO_MEMORY;
	if (idn2_to_unicode_8z8z(text.p, &out, 0) != IDN2_OK)
		return ADDR_DOMAIN_SYNTAX;
	*ret = arena_copy(arena, slice_of(out));
	idn2_free(out);
	return ret->p ? ADDR_OK : ADDR_NO_MEMORY;
}
