/* SPDX-License-Identifier: ISC */
/* See route.h: the tables, and addresses that are final already. */
#include "route/place.h"

int route_new(const struct settings *s, struct route **ret)
{
	struct route *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return -ENOMEM;
	r->settings = s;
	error = map_open(s->users.aliases.p, ':', true, &r->aliases);
	if (error == 0)
		error = map_open(s->relay.routes.p, '=', true, &r->routes);
	if (error < 0) {
		route_free(r);
		return error;
	}
	*ret = r;
	return 0;
}

void route_free(struct route *r)
{
	if (!r)
		return;
	map_close(r->aliases);
	map_close(r->routes);
	free(r);
}

bool route_is_local(struct route *r, const struct addr *a)
{
	if (a->kind == ADDR_NO_DOMAIN)
		return true;
	return words_have(&r->settings->domains.local, a->ascii) ||
	       words_have(&r->settings->domains.virtual_, a->ascii);
}

enum route_outcome route_final(struct route *r, struct slice address,
			       struct arena *arena, struct route_target *ret)
{
	struct route_target t = { .address = address, .owner = (uid_t)-1 };
	enum route_outcome o = ROUTE_FOUND;
	struct addr a;

	if (addr_parse(address, true, arena, &a) != ADDR_OK)
		return ROUTE_NO_USER;
	if (route_is_local(r, &a))
		o = place_find(
			r, a.local, a.ascii,
			words_have(&r->settings->domains.virtual_, a.ascii),
			arena, &t);
	if (o == ROUTE_FOUND)
		*ret = t;
	return o;
}
