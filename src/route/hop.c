/* SPDX-License-Identifier: ISC */
/* The next hop for a domain: postern-routes(5), the smarthost, the domain
 * itself. Asks no DNS. */
#include "route/engine.h"

/* The most specific route: the domain, .its.parents, "*". As map_find. */
static int find_route(struct map *routes, struct slice domain,
		      struct arena *arena, struct slice *ret)
{
	int found = map_find(routes, domain, arena, ret, NULL);
	struct slice rest = domain;

	while (found == 0 && !slice_starts(domain, SLICE("["))) {
		size_t dot = slice_find(slice_from(rest, 1), '.') + 1;

		if (dot >= rest.n)
			break;
		rest = slice_from(rest, dot);
		found = map_find(routes, rest, arena, ret, NULL);
	}
	if (found == 0)
		found = map_find(routes, SLICE("*"), arena, ret, NULL);
	return found;
}

static int look_up(const struct route *r, struct slice domain,
		   struct arena *arena, struct slice *ret)
{
	struct map *routes = NULL;
	int found = map_of_held(&r->routes, '=', &routes);

	if (found == 0)
		found = find_route(routes, domain, arena, ret);
	map_close(routes);
	return found;
}

enum route_outcome route_next_hop(struct route *r, struct slice domain,
				  struct arena *arena,
				  struct slice *ret_next_hop)
{
	struct slice value = SLICE_NONE, key;
	struct hop h = { .port = 0 };
	int found = look_up(r, domain, arena, &value);

	if (found < 0)
		return found == -EMSGSIZE ? ROUTE_BROKEN : ROUTE_AGAIN;
	if (found == 0)
		value = r->settings->relay.smarthost;
	if ((found > 0 || value.n > 0) && !hop_parse(value, &h))
		return ROUTE_BROKEN;
	key = hop_spell(domain, &h, arena);
	if (!key.p)
		return ROUTE_AGAIN;
	*ret_next_hop = key;
	return ROUTE_FOUND;
}

static enum tls_policy policy_of(const struct route *r, const struct hop *h,
				 bool implicit)
{
	enum tls_policy p = TLS_OPPORTUNISTIC;

	if (h->tls_said)
		return h->tls;
	/* the settings' choices are its words */
	ignore(tls_policy_parse(r->settings->relay.tls, &p));
	if (h->login.n > 0) /* a password is for one host alone */
		return TLS_VERIFY;
	return implicit && p < TLS_REQUIRED ? TLS_REQUIRED : p;
}

bool route_manner(const struct route *r, struct slice next_hop,
		  struct route_manner *ret)
{
	struct hop h;
	bool implicit;

	if (!hop_parse(next_hop, &h))
		return false;
	implicit = h.implicit || (h.port == 0 &&
				  r->settings->relay.port == HOP_IMPLICIT_PORT);
	*ret = (struct route_manner){
		.tls = policy_of(r, &h, implicit),
		.implicit = implicit,
		.name = h.name,
		.login = h.login,
	};
	return true;
}
