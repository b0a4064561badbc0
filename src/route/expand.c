/* SPDX-License-Identifier: ISC */
/* Aliases expanded to what they lead to: route_expand of route.h. Each alias
 * is followed once; one that meets itself again is final there if it has a
 * mailbox, else it is a loop. */
#include "route/alias.h"
#include "route/place.h"

#define SEEN_MAX 4096

/* An alias that is being followed, or has been. */
struct seen {
	struct slice key;
	bool done;
};

struct expansion {
	struct route *route;
	struct arena *arena;
	struct route_target *targets;
	size_t n;
	struct seen *seen;
	size_t n_seen;
	bool alias;
	struct slice line; /* of what is broken */
};

static enum route_outcome expand(struct expansion *x, const struct addr *a,
				 unsigned depth);

/* Room grows at powers of two, so that the count alone tells how much. */
static void *grown(struct arena *arena, void *old, size_t n, size_t one)
{
	void *room = old;

	if ((n & (n - 1)) != 0)
		return old;
	room = arena_alloc(arena, (n > 0 ? 2 * n : 1) * one);
	if (room && n > 0)
		memcpy(room, old, n * one);
	return room;
}

static enum route_outcome add(struct expansion *x, const struct route_target *t)
{
	struct route_target *room;

	for (size_t i = 0; i < x->n; i++) {
		const struct route_target *had = &x->targets[i];

		if (had->here == t->here &&
		    (t->here ? slice_eq(had->mailbox, t->mailbox)
			     : slice_eq(had->address, t->address)))
			return ROUTE_FOUND;
	}
	if (x->n == ROUTE_TARGETS_MAX)
		return ROUTE_TOO_MANY;
	room = grown(x->arena, x->targets, x->n, sizeof(*room));
	if (!room)
		return ROUTE_TOO_MANY;
	x->targets = room;
	room[x->n++] = *t;
	return ROUTE_FOUND;
}

static struct slice first_local(const struct route *r)
{
	const struct words *local = &r->settings->domains.local;

	return local->n > 0 ? local->v[0] : r->settings->host.name;
}

static bool is_virtual(const struct expansion *x, const struct addr *a)
{
	return a->kind == ADDR_NAME &&
	       words_have(&x->route->settings->domains.virtual_, a->ascii);
}

static struct slice domain_of(const struct expansion *x, const struct addr *a)
{
	return a->kind == ADDR_NO_DOMAIN ? first_local(x->route) : a->ascii;
}

/* What it says, with our domain where none was named. */
static struct slice whole_text(struct expansion *x, const struct addr *a)
{
	struct addr whole = *a;

	if (a->kind == ADDR_NO_DOMAIN) {
		whole.kind = ADDR_NAME;
		whole.domain = whole.ascii = first_local(x->route);
	}
	return addr_text(&whole, false, x->arena);
}

static enum route_outcome add_mailbox(struct expansion *x, const struct addr *a)
{
	struct route_target t = { .owner = (uid_t)-1 };
	enum route_outcome o = place_find(x->route, a->local, domain_of(x, a),
					  is_virtual(x, a), x->arena, &t);

	if (o != ROUTE_FOUND)
		return o;
	t.address = whole_text(x, a);
	return t.address.p ? add(x, &t) : ROUTE_TOO_MANY;
}

/* ---- one alias ---- */

static struct seen *seen_find(struct expansion *x, struct slice key)
{
	for (size_t i = 0; i < x->n_seen; i++)
		if (slice_eq(x->seen[i].key, key))
			return &x->seen[i];
	return NULL;
}

static bool seen_add(struct expansion *x, struct slice key)
{
	struct seen *room;

	if (x->n_seen == SEEN_MAX)
		return false;
	room = grown(x->arena, x->seen, x->n_seen, sizeof(*room));
	if (!room)
		return false;
	x->seen = room;
	room[x->n_seen++] = (struct seen){ .key = key };
	return true;
}

static enum route_outcome broken(struct expansion *x, unsigned line)
{
	x->line = arena_printf(x->arena, "%.*s:%u",
			       SLICE_ARG(x->route->settings->users.aliases),
			       line);
	return ROUTE_BROKEN;
}

static enum route_outcome expand_list(struct expansion *x, struct slice list,
				      unsigned line, unsigned depth);

static enum route_outcome expand_include(struct expansion *x, struct slice path,
					 unsigned line, unsigned depth)
{
	char *text = NULL;
	int r = alias_include(path, &text);
	enum route_outcome o;

	if (r == -EACCES || r == -EINVAL || r == -ELOOP || r == -EFBIG)
		return broken(x, line);
	if (r < 0)
		return ROUTE_AGAIN;
	o = expand_list(x, slice_of(text), line, depth);
	free(text);
	return o;
}

static enum route_outcome expand_target(struct expansion *x,
					const struct alias_target *t,
					unsigned line, unsigned depth)
{
	struct addr a;

	if (alias_fault(t))
		return broken(x, line);
	if (t->kind == ALIAS_INCLUDE)
		return expand_include(x, t->text, line, depth);
	if (addr_parse(t->text, true, x->arena, &a) != ADDR_OK)
		return broken(x, line);
	if (t->kind == ALIAS_FINAL)
		return add_mailbox(x, &a);
	return expand(x, &a, depth);
}

/* Names in an alias that lead nowhere do not take the others with them, as
 * long as one leads somewhere. */
static enum route_outcome expand_list(struct expansion *x, struct slice list,
				      unsigned line, unsigned depth)
{
	struct alias_target t;
	size_t before = x->n;
	enum route_outcome worst = ROUTE_FOUND;

	if (depth > ALIAS_DEPTH_MAX)
		return ROUTE_LOOP;
	while (alias_next(&list, &t)) {
		enum route_outcome o = expand_target(x, &t, line, depth);

		if (o == ROUTE_NO_USER || o == ROUTE_LOOP)
			worst = o;
		else if (o != ROUTE_FOUND)
			return o;
	}
	return x->n > before ? ROUTE_FOUND : worst;
}

/* The aliases entry `key`; *ret_met: there is one and it was followed. */
static enum route_outcome expand_key(struct expansion *x, struct slice key,
				     unsigned depth, bool *ret_met)
{
	struct slice value;
	unsigned line = 0;
	struct seen *had = seen_find(x, key);
	size_t at = x->n_seen;
	enum route_outcome o;
	int found;

	*ret_met = false;
	if (had) {
		*ret_met = had->done;
		return ROUTE_FOUND;
	}
	found = map_find(x->route->aliases, key, x->arena, &value, &line);
	if (found <= 0)
		return found < 0 ? ROUTE_AGAIN : ROUTE_NO_USER;
	if (!seen_add(x, key))
		return ROUTE_TOO_MANY;
	*ret_met = true;
	x->alias = true;
	o = expand_list(x, value, line, depth + 1);
	x->seen[at].done = true;
	return o;
}

/* ---- one address ---- */

/* The keys under which an alias for it may stand, most exact first. */
static size_t keys_of(struct expansion *x, const struct addr *a,
		      struct slice keys[5])
{
	struct slice domain = domain_of(x, a);
	struct slice local = place_lower(a->local, x->arena);
	struct slice base = place_base(x->route, local);
	bool plus = base.n < local.n;
	size_t n = 0;

	keys[n++] = arena_printf(x->arena, "%.*s@%.*s", SLICE_ARG(local),
				 SLICE_ARG(domain));
	if (!is_virtual(x, a))
		keys[n++] = local;
	if (plus)
		keys[n++] = arena_printf(x->arena, "%.*s@%.*s", SLICE_ARG(base),
					 SLICE_ARG(domain));
	if (plus && !is_virtual(x, a))
		keys[n++] = arena_copy(x->arena, base);
	return n;
}

static enum route_outcome expand_catch_all(struct expansion *x,
					   const struct addr *a, unsigned depth)
{
	struct slice domain = domain_of(x, a);
	struct slice key = arena_printf(x->arena, "@%.*s", SLICE_ARG(domain));
	bool met = false;

	if (!key.p)
		return ROUTE_TOO_MANY;
	enum route_outcome o = expand_key(x, key, depth, &met);

	return met ? o : o == ROUTE_FOUND ? ROUTE_LOOP : o;
}

/* RFC 5321 §4.5.1: whoever the settings name reads it. */
static enum route_outcome expand_postmaster(struct expansion *x,
					    const struct addr *a,
					    unsigned depth)
{
	struct slice name = x->route->settings->host.postmaster;
	struct addr reader;

	if (slice_eq_nocase(a->local, SLICE("postmaster")) && name.n > 0 &&
	    !slice_eq_nocase(name, SLICE("postmaster")) && depth == 0 &&
	    addr_parse(name, true, x->arena, &reader) == ADDR_OK)
		return expand(x, &reader, depth + 1);
	return ROUTE_NO_USER;
}

static enum route_outcome expand_local(struct expansion *x,
				       const struct addr *a, unsigned depth)
{
	struct slice keys[5];
	size_t n = keys_of(x, a, keys);
	bool circle = false;
	enum route_outcome o;

	for (size_t i = 0; i < n; i++) {
		bool met = false;

		if (!keys[i].p)
			return ROUTE_TOO_MANY;
		o = expand_key(x, keys[i], depth, &met);
		if (met || (o != ROUTE_NO_USER && o != ROUTE_FOUND))
			return o;
		circle |= o == ROUTE_FOUND;
	}
	o = expand_postmaster(x, a, depth);
	if (o == ROUTE_NO_USER)
		o = add_mailbox(x, a);
	if (o == ROUTE_NO_USER && circle)
		return ROUTE_LOOP;
	return o == ROUTE_NO_USER ? expand_catch_all(x, a, depth) : o;
}

static enum route_outcome add_remote(struct expansion *x, const struct addr *a)
{
	struct route_target t = { .owner = (uid_t)-1 };

	t.address = addr_text(a, false, x->arena);
	return t.address.p ? add(x, &t) : ROUTE_TOO_MANY;
}

static enum route_outcome expand(struct expansion *x, const struct addr *a,
				 unsigned depth)
{
	if (depth > ALIAS_DEPTH_MAX)
		return ROUTE_LOOP;
	return route_is_local(x->route, a) ? expand_local(x, a, depth)
					   : add_remote(x, a);
}

enum route_outcome route_expand(struct route *r, const struct addr *address,
				struct arena *arena, struct route_target **ret,
				size_t *ret_n, bool *ret_alias,
				struct slice *ret_line)
{
	struct expansion x = { .route = r, .arena = arena };
	enum route_outcome o = expand(&x, address, 0);

	*ret_line = x.line;
	if (o != ROUTE_FOUND)
		return o;
	if (x.n == 0)
		return ROUTE_NO_USER;
	*ret = x.targets;
	*ret_n = x.n;
	*ret_alias = x.alias;
	return ROUTE_FOUND;
}
