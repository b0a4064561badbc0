/* SPDX-License-Identifier: ISC */
/* For `postern check`: aliases and routes, line by line. */
#include "route/alias.h"
#include "route/hop.h"
#include "route/tables.h"

#define LINE_ARENA_MAX (1U << 20)

struct check {
	settings_complain *complain;
	void *context;
	const char *file;
	struct arena *arena;
};

static void complain(const struct check *c, unsigned line, const char *problem,
		     const char *remedy, bool fatal)
{
	const struct complaint complaint = {
		.at = { c->file, line },
		.problem = problem,
		.remedy = remedy,
		.fatal = fatal,
	};

	c->complain(c->context, &complaint);
}

static void check_target(const struct check *c, unsigned line,
			 const struct alias_target *t)
{
	struct addr a;
	char *text = NULL;

	if (alias_fault(t)) {
		complain(c, line, alias_fault(t),
			 "name a user, an address or an :include: file", true);
	} else if (t->kind == ALIAS_INCLUDE) {
		if (alias_include(t->text, &text) < 0)
			complain(c, line, "the :include: file cannot be used",
				 "make it a regular file that only its owner "
				 "may write and postern can read",
				 true);
		free(text);
	} else if (addr_parse(t->text, true, c->arena, &a) != ADDR_OK) {
		complain(c, line, "not an address",
			 "write name, or name@domain; blanks need quotes",
			 true);
	}
}

static int check_alias(void *context, unsigned line, struct slice key,
		       struct slice value)
{
	const struct check *c = context;
	struct alias_target t;
	size_t n = 0;

	arena_reset(c->arena);
	if (!value.p) {
		complain(c, line, "no 'name: target' in this line",
			 "write name: target, target", true);
		return 0;
	}
	while (alias_next(&value, &t)) {
		check_target(c, line, &t);
		n++;
	}
	if (n == 0 || key.n == 0)
		complain(c, line, "an alias that leads nowhere",
			 "name its targets, or remove the line", false);
	return 0;
}

static int check_route(void *context, unsigned line, struct slice key,
		       struct slice value)
{
	const struct check *c = context;
	struct hop hop;

	if (!value.p || key.n == 0 || hop_parse(value, &hop) < 0)
		complain(c, line, "not a route",
			 "write domain = host, domain = [192.0.2.1]:25, "
			 ".domain = host for what is below it, or * = host",
			 true);
	return 0;
}

static int check_map(struct check *c, const char *path, char separator,
		     map_each *each)
{
	struct map *map = NULL;
	int r = map_open(path, separator, true, &map);

	c->file = path;
	if (r < 0) {
		complain(c, 0, "cannot be read",
			 "see its owner and mode; it must be a regular file",
			 true);
		return r;
	}
	r = map_walk(map, each, c);
	map_close(map);
	return r;
}

int route_check(const struct settings *s, settings_complain *complain_to,
		void *context)
{
	struct check c = { .complain = complain_to, .context = context };
	int r;

	c.arena = arena_new(LINE_ARENA_MAX);
	if (!c.arena)
		return -ENOMEM;
	r = check_map(&c, s->users.aliases.p, ':', check_alias);
	if (r == 0)
		r = check_map(&c, s->relay.routes.p, '=', check_route);
	arena_free(c.arena);
	return r;
}
