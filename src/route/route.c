/* SPDX-License-Identifier: ISC */
/* See route.h: the door of the room. */
#include "route/engine.h"

/* No name: nothing is in it. */
static void hold(struct slice path, struct map_held *ret)
{
	*ret = (struct map_held){ .file = -ENOENT, .index = -1 };
	if (path.n > 0)
		map_hold(path.p, ret);
}

int route_new(const struct settings *s, struct route **ret)
{
	struct route *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->settings = s;
	hold(s->users.file, &r->users);
	hold(s->users.aliases, &r->aliases);
	hold(s->relay.routes, &r->routes);
	*ret = r;
	return 0;
}

void route_free(struct route *r)
{
	if (!r)
		return;
	map_let_go(&r->users);
	map_let_go(&r->aliases);
	map_let_go(&r->routes);
	free(r);
}

/* Out of the expansion's arena into the caller's. */
static enum route_outcome hand_out(const struct expansion *x,
				   struct arena *arena,
				   struct route_target **ret, size_t *ret_n)
{
	struct route_target *v = arena_alloc(arena, x->n_targets * sizeof(*v));

	if (!v)
		return ROUTE_AGAIN;
	for (size_t i = 0; i < x->n_targets; i++) {
		v[i] = x->targets[i];
		v[i].address = arena_copy(arena, v[i].address);
		if (v[i].here)
			v[i].mailbox = arena_copy(arena, v[i].mailbox);
		if (v[i].bad_option.n > 0)
			v[i].bad_option = arena_copy(arena, v[i].bad_option);
		if (!v[i].address.p || (v[i].here && !v[i].mailbox.p))
			return ROUTE_AGAIN;
	}
	*ret = v;
	*ret_n = x->n_targets;
	return ROUTE_FOUND;
}

enum route_outcome route_expand(struct route *r, const struct addr *address,
				struct arena *arena, struct route_target **ret,
				size_t *ret_n, bool *ret_alias,
				struct slice *ret_line)
{
	struct expansion x;
	enum route_outcome o = expansion_run(&x, r, address);

	if (o == ROUTE_FOUND)
		o = hand_out(&x, arena, ret, ret_n);
	if (o == ROUTE_FOUND)
		*ret_alias = x.alias;
	else if (o == ROUTE_BROKEN)
		*ret_line = arena_copy(arena, x.where);
	expansion_done(&x);
	return o;
}

enum route_outcome route_final(struct route *r, struct slice address,
			       struct arena *arena, struct route_target *ret)
{
	struct route_target t = { .owner = (uid_t)-1 };
	struct addr a;
	enum route_outcome o = ROUTE_FOUND;

	if (addr_parse(address, true, arena, &a) != ADDR_OK)
		return ROUTE_NO_USER;
	a = domain_complete(r, a);
	t.address = addr_text(&a, false, arena);
	if (!t.address.p)
		return ROUTE_AGAIN;
	t.here = route_is_local(r, &a);
	if (t.here)
		o = account_find(r, &a, arena, &t);
	if (o == ROUTE_NO_USER && domain_is_postmaster(r, &a)) {
		account_postmaster(&t);
		o = ROUTE_FOUND;
	}
	if (o == ROUTE_FOUND)
		*ret = t;
	return o;
}
