/* SPDX-License-Identifier: ISC */
/* `postern check`: aliases, routes, and the way to the postmaster, whom RFC
 * 5321 section 4.5.1 wants to be reached. Asks no DNS. */
#include "cli/check.h"
#include "cli/rights.h"
#include "conf/users.h"
#include "route/route.h"

#define ARENA_MAX (4U << 20)

static const char handlers[] = "postern";

static const char to_whom[] =
	"name a user, alias or address as postmaster in [host]";

static void judge_outcome(enum route_outcome outcome, struct slice line,
			  struct report *r)
{
	switch (outcome) {
	case ROUTE_FOUND:
		return;
	case ROUTE_NO_USER:
		report_broken(r, NULL, 0, to_whom,
			      "mail for the postmaster leads to nobody");
		return;
	case ROUTE_LOOP:
		report_broken(r, NULL, 0, to_whom,
			      "mail for the postmaster goes round in circles");
		return;
	case ROUTE_TOO_MANY:
	case ROUTE_BROKEN:
	case ROUTE_AGAIN:
		report_broken(r, line.n > 0 ? line.p : NULL, 0, to_whom,
			      "mail for the postmaster cannot be delivered");
		return;
	}
}

/* Route keeps what it finds nobody for in a mailbox of that name. */
static void judge_reader(const struct settings *s, struct arena *arena,
			 const struct route_target *t, struct report *r)
{
	static const struct slice own = SLICE("postmaster");
	struct user user;

	if (t->here && slice_eq(t->mailbox, own) && t->owner == (uid_t)-1 &&
	    user_find(s->users.file.p, own, arena, &user) == 0)
		report_doubtful(r, NULL, 0, to_whom,
				"mail for the postmaster goes to a mailbox "
				"that nobody reads");
}

static int expand(const struct settings *s, struct route *route,
		  struct arena *arena, struct report *r)
{
	struct route_target *targets = NULL;
	struct slice line = SLICE_NONE;
	struct addr postmaster;
	bool alias = false;
	size_t n = 0;

	if (addr_parse(SLICE("postmaster"), true, arena, &postmaster) !=
	    ADDR_OK)
		return -ENOMEM;
	judge_outcome(route_expand(route, &postmaster, arena, &targets, &n,
				   &alias, &line),
		      line, r);
	for (size_t i = 0; i < n; i++)
		judge_reader(s, arena, &targets[i], r);
	return 0;
}

/* What root reads they may not: then mail has to wait. */
static int judge_reading(void *context, const char *path)
{
	struct report *r = context;
	struct rights a;

	if (geteuid() == 0 && rights_of(handlers, &a) == 0 &&
	    !rights_reach(&a, path, 4))
		report_broken(r, path, 0,
			      "look at its mode and at the folders above it",
			      "the account %s may not read it", handlers);
	return 0;
}

static void judge_files(const struct settings *s, struct report *r)
{
	if (s->users.aliases.n > 0)
		ignore(judge_reading(r, s->users.aliases.p));
	if (s->relay.routes.n > 0)
		ignore(judge_reading(r, s->relay.routes.p));
	ignore(route_lists(s, judge_reading, r)); /* as far as memory goes */
}

void check_routing(const struct settings *s, struct report *r)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct route *route = NULL;
	unsigned before = r->broken;
	int error = arena ? route_check(s, report_complaint, r) : -ENOMEM;

	/* route_check has said which lines, when it says -EINVAL */
	if (error == -EINVAL && r->broken > before)
		error = 0;
	judge_files(s, r);
	if (error == 0)
		error = route_new(s, &route);
	if (error == 0)
		error = expand(s, route, arena, r);
	if (error < 0)
		report_broken(r, NULL, 0,
			      "look at the files of [users] and "
			      "[relay]",
			      "aliases and routes cannot be judged: %s",
			      strerror(-error));
	route_free(route);
	arena_free(arena);
}
