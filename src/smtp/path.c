/* SPDX-License-Identifier: ISC */
/* See path.h. RFC 5321 §4.1.2. */
#include "smtp/path.h"

/* Offset of the first `c` outside quotes, or s.n. */
static size_t find_unquoted(struct slice s, char c)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == c)
			return i;
	}
	return s.n;
}

/* At-domain = "@" Domain */
static enum addr_trouble check_hop(struct slice hop, struct arena *arena)
{
	struct slice ascii;

	if (hop.n == 0 || hop.p[0] != '@')
		return ADDR_SYNTAX;
	return addr_domain_ascii(slice_from(hop, 1), arena, &ascii);
}

/* A-d-l = At-domain *( "," At-domain ), off the front with its colon. */
static enum addr_trouble skip_route(struct slice *path, struct arena *arena)
{
	size_t colon = slice_find(*path, ':');
	struct slice hops = slice_upto(*path, colon);
	struct slice hop;

	if (path->n == 0 || path->p[0] != '@')
		return ADDR_OK;
	if (colon == path->n)
		return ADDR_SYNTAX;
	while (slice_field(&hops, ',', &hop)) {
		enum addr_trouble t = check_hop(hop, arena);

		if (t != ADDR_OK)
			return t;
	}
	*path = slice_from(*path, colon + 1);
	return ADDR_OK;
}

static enum addr_trouble parse_inside(struct slice path, bool bare_ok,
				      struct arena *arena, struct addr *ret)
{
	enum addr_trouble t = skip_route(&path, arena);

	if (t != ADDR_OK)
		return t;
	if (path.n + 2 > ADDR_PATH_MAX &&
	    slice_find_last(path, '@') <= ADDR_LOCAL_MAX)
		return ADDR_DOMAIN_LONG;
	return addr_parse(path, bare_ok, arena, ret);
}

enum addr_trouble path_parse(struct slice *rest, bool null_ok, bool bare_ok,
			     struct arena *arena, struct addr *ret)
{
	struct slice s = *rest;
	enum addr_trouble t = ADDR_OK;
	size_t end;

	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = slice_from(s, 1);
	end = find_unquoted(s, '>');
	if (s.n == 0 || s.p[0] != '<' || end == s.n)
		return ADDR_SYNTAX;
	if (end > 1)
		t = parse_inside(slice_from(slice_upto(s, end), 1), bare_ok,
				 arena, ret);
	else if (null_ok)
		*ret = (struct addr){ .local = SLICE_NONE };
	else
		t = ADDR_SYNTAX;
	if (t == ADDR_OK)
		*rest = slice_from(s, end + 1);
	return t;
}
