/* SPDX-License-Identifier: ISC */
/* The inside of route, shared by the files of this room only. */
#pragma once

#include "conf/hop.h"
#include "conf/map.h"
#include "conf/users.h"
#include "route/route.h"
#include "route/targets.h"

/* Its tables are those that were there when it began, so that a session that
 * has been fenced in meanwhile can go on with them (map_hold). Edited in place
 * they are seen as they are now. */
struct route {
	const struct settings *settings;
	struct map_held users, aliases, routes;
};

/* ---- domains: domains.c ---- */

bool domain_is_local(const struct route *r, const struct addr *a);
bool domain_is_virtual(const struct route *r, const struct addr *a);

/* `a` with the domain that a bare name is given. */
struct addr domain_complete(const struct route *r, struct addr a);

bool domain_is_postmaster(const struct route *r, const struct addr *a);

/* ---- mailboxes: account.c ---- */

/* Whose mailbox is it: the users file, then the system's accounts; first the
 * whole local part, then what stands before the delimiter. ROUTE_FOUND
 * (mailbox and owner are set, in `arena`), ROUTE_NO_USER, ROUTE_BROKEN (a
 * malformed users line), ROUTE_AGAIN. */
enum route_outcome account_find(const struct route *r, const struct addr *a,
				struct arena *arena,
				struct route_target *ret) MUST_LOOK;

/* The same for exactly this local part. */
enum route_outcome account_exact(const struct route *r, const struct addr *a,
				 struct arena *arena,
				 struct route_target *ret) MUST_LOOK;

/* What stands before the delimiter; false when there is none. */
bool account_base(const struct route *r, const struct addr *a,
		  struct addr *ret);

/* The mailbox of a postmaster who is nobody else; it has no limit, for he is
 * to be reached (RFC 5321 §4.5.1). */
void account_postmaster(struct route_target *ret);

/* ---- aliases: aliases.c ---- */

/* The value of the alias for exactly this local part and domain; `whole`
 * false: the domain's catch-all. As map_find. */
int alias_find(const struct route *r, struct map *aliases, const struct addr *a,
	       bool whole, struct arena *arena, struct slice *ret_value,
	       unsigned *ret_line) MUST_LOOK;

/* ---- expansion: expand.c ---- */

/* An address on its way to become targets. */
struct expansion_item {
	struct addr address;
	struct slice text; /* of it, domain in A-labels: what is compared */
	bool final;
	struct slice where; /* file:line that named it; empty: the caller */
};

struct expansion {
	struct route *route;
	struct map *aliases;
	struct arena *arena; /* its own; what it finds lives there */
	struct expansion_item *items;
	size_t n_items, room_items, at;
	struct route_target *targets;
	size_t n_targets, room_targets;
	bool alias;      /* one was involved */
	bool cut;        /* an address was met again */
	bool postmaster; /* mail for him must not lead nowhere */
	/* with ROUTE_BROKEN: where, and why; whom an alias names that is not
	 * there, as it would be written in an alias */
	struct slice where;
	const char *why;
	struct slice who;
	/* postmaster's own alias came to this, so that somebody else gets his
	 * mail; the three above tell of it. Else ROUTE_FOUND */
	enum route_outcome passed_over;
};

/* Expand one address. Call expansion_done in any case. */
enum route_outcome expansion_run(struct expansion *x, struct route *r,
				 const struct addr *a) MUST_LOOK;
void expansion_done(struct expansion *x);

/* Add one address to the work, unless it is there. */
enum route_outcome expansion_add(struct expansion *x,
				 const struct expansion_item *item) MUST_LOOK;

/* Add what an alias's value names to the work. `own`: the alias itself, which
 * is final where it names itself; NULL for a catch-all. */
enum route_outcome expansion_add_value(struct expansion *x, struct slice value,
				       struct slice where, struct slice own,
				       unsigned depth) MUST_LOOK;
