/* SPDX-License-Identifier: ISC */
/* See helo.h. */
#include "trust/helo.h"

/* "[192.0.2.1]", "[IPv6:2001:db8::1]"; RFC 5321 §4.1.3 */
static const char *judge_literal(const struct peer *p, struct slice name)
{
	const struct slice tag = SLICE("IPv6:");
	struct slice inside = slice_from(name, 1);
	struct peer said;

	if (!slice_ends(inside, SLICE("]")))
		return "no address in its brackets";
	inside.n--;
	if (slice_starts_nocase(inside, tag))
		inside = slice_from(inside, tag.n);
	if (peer_parse(inside, &said) < 0)
		return "no address in its brackets";
	return memcmp(&said.ip, &p->ip, sizeof(said.ip)) == 0
		       ? NULL
		       : "the address of somebody else";
}

/* A top-level domain is no number (RFC 3696 §2): "192.0.2.1" is no name. */
static bool is_full(struct slice name)
{
	size_t dot;

	if (slice_ends(name, SLICE(".")))
		name.n--;
	dot = slice_find_last(name, '.');
	return dot > 0 && dot + 1 < name.n && !ascii_is_digit(name.p[dot + 1]);
}

const char *helo_trouble(const struct settings *s, const struct peer *p,
			 struct slice name)
{
	if (slice_starts(name, SLICE("[")))
		return judge_literal(p, name);
	if (slice_eq_nocase(name, s->host.name) ||
	    words_have(&s->domains.local, name) ||
	    words_have(&s->domains.virtual_, name))
		return "our own name";
	return is_full(name) ? NULL : "no full name";
}
