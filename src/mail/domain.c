/* SPDX-License-Identifier: ISC */
/* See domain.h. */
#include "mail/domain.h"

#include "base/escape.h"
#include "mail/idna.h"

#define LABEL_MAX 63

/* What an A-label stands for leads back to it (RFC 5890 §2.3.2.1): otherwise
 * it could be shown as one name and looked up as another. */
static enum addr_trouble check_a_label(struct slice label)
{
	const struct idna *i = idna();
	char text[LABEL_MAX + 1];
	enum addr_trouble t;
	char *out;

	if (!i)
		return ADDR_NO_IDNA;
	(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(label));
	t = i->to_ascii(text, &out);
	i->free(out);
	return t;
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
	const struct idna *i = idna();
	enum addr_trouble t;
	char *out;

	if (!text.p)
		return ADDR_NO_MEMORY;
	if (!i)
		return ADDR_NO_IDNA;
	if (!utf8_valid(name) || slice_find(name, '\0') < name.n)
		return ADDR_DOMAIN_SYNTAX;
	t = i->to_ascii(text.p, &out);
	if (t == ADDR_OK)
		t = check_ascii(slice_of(out));
	if (t == ADDR_OK)
		t = copy_lower(slice_of(out), arena, ret);
	i->free(out);
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
	const struct idna *i = idna();
	enum addr_trouble t;
	char *out;

	if (!text.p)
		return ADDR_NO_MEMORY;
	if (!i)
		return ADDR_NO_IDNA;
	t = i->to_unicode(text.p, &out);
	if (t != ADDR_OK)
		return t;
	*ret = arena_copy(arena, slice_of(out));
	i->free(out);
	return ret->p ? ADDR_OK : ADDR_NO_MEMORY;
}
