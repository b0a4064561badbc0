/* SPDX-License-Identifier: ISC */
/* The next hop for a domain: postern-routes(5), the smarthost, the domain
 * itself. Asks no DNS. */
#include "route/engine.h"

#include "conf/shape.h"

static bool parse_port(struct slice s, uint16_t *ret)
{
	uint64_t port;

	if (s.n == 0)
		return true;
	if (s.p[0] != ':' ||
	    slice_number(slice_from(s, 1), 1, 65535, &port) < 0)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static bool is_ip(struct slice s)
{
	struct peer p;

	if (slice_starts_nocase(s, SLICE("IPv6:")))
		s = slice_from(s, 5);
	return peer_parse(s, &p) == 0;
}

bool hop_parse(struct slice value, struct hop *ret)
{
	struct hop h = { .fixed = slice_starts(value, SLICE("[")) };
	size_t end = slice_find(value, h.fixed ? ']' : ':');

	if (value.n == 0 || (h.fixed && end == value.n))
		return false;
	if (h.fixed)
		h.host = slice_from(slice_upto(value, end++), 1);
	else
		h.host = slice_upto(value, end);
	if (!parse_port(slice_from(value, end), &h.port))
		return false;
	if (h.fixed ? !is_ip(h.host) && !shape_is_host(h.host)
		    : h.host.n > 0 && !shape_is_host(h.host))
		return false;
	*ret = h;
	return true;
}

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
	struct slice path = r->settings->relay.routes;
	struct map *routes = NULL;
	int found;

	if (path.n == 0)
		return 0;
	found = map_open(path.p, '=', true, &routes);
	if (found == 0)
		found = find_route(routes, domain, arena, ret);
	map_close(routes);
	return found;
}

/* One spelling for all that can share a connection. */
static struct slice spell(struct slice domain, const struct hop *h,
			  struct arena *arena)
{
	struct slice host = h->host.n > 0 ? h->host : domain;
	struct slice key = arena_printf(arena, "%s%.*s%s", h->fixed ? "[" : "",
					SLICE_ARG(host), h->fixed ? "]" : "");
	char *p = (char *)key.p;

	for (size_t i = 0; p && i < key.n; i++)
		p[i] = ascii_lower(p[i]);
	if (key.p && h->port > 0)
		key = arena_printf(arena, "%.*s:%u", SLICE_ARG(key), h->port);
	return key;
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
	key = spell(domain, &h, arena);
	if (!key.p)
		return ROUTE_AGAIN;
	*ret_next_hop = key;
	return ROUTE_FOUND;
}
