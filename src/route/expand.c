/* SPDX-License-Identifier: ISC */
/* From an address to its targets: a list of work that every address enters
 * once, so that loops end by themselves. Never delivers to fewer than an alias
 * names: a member that does not exist is the postmaster's to mend. */
#include "route/engine.h"

#define SCRATCH_MAX (8U << 20)
#define ITEMS_MAX   (2 * ROUTE_TARGETS_MAX)

/* Room for one more in an array of `size`-byte elements. */
static void *grown(void *v, size_t n, size_t *room, size_t size)
{
	size_t more = *room > 0 ? 2 * *room : 8;
	void *larger;

	if (n < *room)
		return v;
	larger = reallocarray(v, more, size);
	if (larger)
		*room = more;
	return larger;
}

/* Elsewhere the case of a local part may matter (RFC 5321 §2.4). */
static bool same_item(const struct expansion *x, const struct expansion_item *a,
		      const struct expansion_item *b)
{
	if (a->final != b->final)
		return false;
	return route_is_local(x->route, &a->address)
		       ? slice_eq_nocase(a->text, b->text)
		       : slice_eq(a->text, b->text);
}

enum route_outcome expansion_add(struct expansion *x,
				 const struct expansion_item *item)
{
	struct expansion_item *larger;

	for (size_t i = 0; i < x->n_items; i++) {
		if (same_item(x, item, &x->items[i])) {
			x->cut = true;
			return ROUTE_FOUND;
		}
	}
	if (x->n_items == ITEMS_MAX)
		return ROUTE_TOO_MANY;
	larger = grown(x->items, x->n_items, &x->room_items, sizeof(*larger));
	if (!larger)
		return ROUTE_AGAIN;
	x->items = larger;
	x->items[x->n_items++] = *item;
	return ROUTE_FOUND;
}

static bool same_target(const struct route_target *a,
			const struct route_target *b)
{
	if (a->here != b->here)
		return false;
	return a->here ? slice_eq(a->mailbox, b->mailbox)
		       : slice_eq(a->address, b->address);
}

static enum route_outcome add_target(struct expansion *x,
				     const struct route_target *t)
{
	struct route_target *larger;

	for (size_t i = 0; i < x->n_targets; i++)
		if (same_target(&x->targets[i], t))
			return ROUTE_FOUND;
	if (x->n_targets == ROUTE_TARGETS_MAX)
		return ROUTE_TOO_MANY;
	larger = grown(x->targets, x->n_targets, &x->room_targets,
		       sizeof(*larger));
	if (!larger)
		return ROUTE_AGAIN;
	x->targets = larger;
	x->targets[x->n_targets++] = *t;
	return ROUTE_FOUND;
}

/* ---- one address of our own ---- */

static enum route_outcome follow(struct expansion *x, int found,
				 struct slice value, unsigned line,
				 struct slice own)
{
	struct slice where;

	if (found == 0)
		return ROUTE_NO_USER;
	if (found == -ENOMEM)
		return ROUTE_AGAIN;
	where = arena_printf(x->arena, "%.*s:%u",
			     SLICE_ARG(x->route->settings->users.aliases),
			     line);
	if (!where.p)
		return ROUTE_AGAIN;
	x->alias = true;
	if (found > 0)
		return expansion_add_value(x, value, where, own, 0);
	x->where = where;
	x->why = "the line is too long";
	return ROUTE_BROKEN;
}

/* An alias, else a mailbox, of exactly this local part. */
static enum route_outcome exact(struct expansion *x,
				const struct expansion_item *item,
				const struct addr *a)
{
	struct route_target t = { .address = item->text, .here = true };
	struct slice value = SLICE_NONE;
	unsigned line = 0;
	enum route_outcome o = ROUTE_NO_USER;
	int found;

	if (!item->final) {
		found = alias_find(x->route, x->aliases, a, true, x->arena,
				   &value, &line);
		o = follow(x, found, value, line, addr_text(a, true, x->arena));
	}
	if (o != ROUTE_NO_USER)
		return o;
	o = account_exact(x->route, a, x->arena, &t);
	return o == ROUTE_FOUND ? add_target(x, &t) : o;
}

static enum route_outcome catch_all(struct expansion *x,
				    const struct expansion_item *item)
{
	struct slice value = SLICE_NONE;
	unsigned line = 0;
	int found;

	if (item->final)
		return ROUTE_NO_USER;
	found = alias_find(x->route, x->aliases, &item->address, false,
			   x->arena, &value, &line);
	return follow(x, found, value, line, item->text);
}

static enum route_outcome postmaster_mailbox(struct expansion *x)
{
	struct route_target t = { .address = SLICE("postmaster"),
				  .here = true };
	struct addr a = { .local = t.address, .kind = ADDR_NO_DOMAIN };

	account_postmaster(&t);
	a = domain_complete(x->route, a);
	t.address = addr_text(&a, true, x->arena);
	return t.address.p ? add_target(x, &t) : ROUTE_AGAIN;
}

/* Nobody else is postmaster: whom the settings name; and if he is nobody
 * either, a mailbox of that name. */
static enum route_outcome postmaster(struct expansion *x)
{
	struct expansion_item item = { .final = false };
	struct slice named = x->route->settings->host.postmaster;

	if (x->postmaster)
		return postmaster_mailbox(x);
	x->postmaster = true;
	if (addr_parse(named, true, x->arena, &item.address) != ADDR_OK)
		return postmaster_mailbox(x);
	item.address = domain_complete(x->route, item.address);
	item.text = addr_text(&item.address, true, x->arena);
	return item.text.p ? expansion_add(x, &item) : ROUTE_AGAIN;
}

static enum route_outcome nobody(struct expansion *x,
				 const struct expansion_item *item)
{
	if (x->postmaster || domain_is_postmaster(x->route, &item->address))
		return postmaster(x);
	if (item->where.n == 0)
		return ROUTE_NO_USER;
	x->where = item->where;
	x->why = "it names somebody who is not there";
	x->who = domain_is_local(x->route, &item->address) ? item->address.local
							   : item->text;
	return ROUTE_BROKEN;
}

static enum route_outcome expand_here(struct expansion *x,
				      const struct expansion_item *item)
{
	enum route_outcome o = exact(x, item, &item->address);
	struct addr base;

	if (o == ROUTE_NO_USER && account_base(x->route, &item->address, &base))
		o = exact(x, item, &base);
	if (o == ROUTE_NO_USER)
		o = catch_all(x, item);
	if (o == ROUTE_NO_USER)
		o = nobody(x, item);
	if (o == ROUTE_BROKEN && x->where.n == 0) {
		x->where = x->route->settings->users.file;
		x->why = "a user's line is malformed";
	}
	return o;
}

static enum route_outcome expand_item(struct expansion *x,
				      const struct expansion_item *item)
{
	struct route_target t = { .here = false, .owner = (uid_t)-1 };

	if (route_is_local(x->route, &item->address))
		return expand_here(x, item);
	t.address = addr_text(&item->address, false, x->arena);
	return t.address.p ? add_target(x, &t) : ROUTE_AGAIN;
}

/* ---- all of them ---- */

static enum route_outcome outcome_of_end(struct expansion *x)
{
	if (x->n_targets > 0)
		return ROUTE_FOUND;
	if (x->postmaster)
		return postmaster_mailbox(x);
	if (x->cut)
		return ROUTE_LOOP;
	x->where = x->route->settings->users.aliases;
	x->why = "an alias names nobody";
	return ROUTE_BROKEN;
}

static enum route_outcome begin(struct expansion *x, const struct addr *a)
{
	struct expansion_item item = {
		.address = domain_complete(x->route, *a),
	};
	int r;

	x->arena = arena_new(SCRATCH_MAX);
	if (!x->arena)
		return ROUTE_AGAIN;
	r = map_of_held(&x->route->aliases, ':', &x->aliases);
	if (r < 0)
		return ROUTE_AGAIN;
	item.text = addr_text(&item.address, true, x->arena);
	return item.text.p ? expansion_add(x, &item) : ROUTE_AGAIN;
}

static enum route_outcome work(struct expansion *x)
{
	enum route_outcome o = ROUTE_FOUND;

	while (o == ROUTE_FOUND && x->at < x->n_items) {
		struct expansion_item item = x->items[x->at++];

		o = expand_item(x, &item);
	}
	return o == ROUTE_FOUND ? outcome_of_end(x) : o;
}

static bool is_final(enum route_outcome o)
{
	return o == ROUTE_FOUND || o == ROUTE_AGAIN;
}

static void start_over(struct expansion *x)
{
	x->n_items = x->at = x->n_targets = 0;
	x->cut = false;
}

/* Whatever his alias says, postmaster is to be reached (RFC 5321 §4.5.1): by
 * whom the settings name, or else in a mailbox of that name. */
static enum route_outcome pass_over(struct expansion *x)
{
	const struct expansion first = *x;
	enum route_outcome o;

	start_over(x);
	x->postmaster = false;
	o = postmaster(x);
	if (o == ROUTE_FOUND)
		o = work(x);
	if (!is_final(o)) {
		start_over(x);
		o = postmaster_mailbox(x);
	}
	x->where = first.where;
	x->why = first.why;
	x->who = first.who;
	return o;
}

enum route_outcome expansion_run(struct expansion *x, struct route *r,
				 const struct addr *a)
{
	enum route_outcome o;

	*x = (struct expansion){ .route = r, .passed_over = ROUTE_FOUND };
	o = begin(x, a);
	if (o == ROUTE_FOUND)
		o = work(x);
	if (is_final(o) || x->n_items == 0 ||
	    !domain_is_postmaster(r, &x->items[0].address))
		return o;
	x->passed_over = o;
	return pass_over(x);
}

void expansion_done(struct expansion *x)
{
	free(x->items);
	free(x->targets);
	map_close(x->aliases);
	arena_free(x->arena);
}
