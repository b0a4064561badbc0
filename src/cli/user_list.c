/* SPDX-License-Identifier: ISC */
/* `postern user list`. */
#include "cli/desk.h"
#include "cli/user.h"
#include "cli/user_row.h"
#include "conf/map.h"

#define LINE_ARENA (1U << 20)

struct listing {
	struct cli *cli;
	struct arena *arena; /* of one line */
	struct user_rows rows;
};

static int list_one(void *context, unsigned line, struct slice key,
		    struct slice value)
{
	struct listing *l = context;
	const char *why;
	struct user u;

	arena_reset(l->arena);
	if (value.p && user_parse(key, value, l->arena, &u, &why) == 0)
		user_row(&l->rows, &u);
	else
		(void)fprintf(l->cli->err,
			      "line %u cannot be read: see postern check\n",
			      line);
	return 0;
}

static int list(struct cli *c, const struct settings *s)
{
	struct listing l = { .cli = c, .arena = arena_new(LINE_ARENA) };
	const char *file = s->users.file.p;
	struct map *m = NULL;
	int r = l.arena ? map_open(file, ':', true, &m) : -ENOMEM;

	user_rows_open(&l.rows, c->out, s);
	if (r == 0)
		r = map_walk(m, list_one, &l);
	user_rows_done(&l.rows);
	map_close(m);
	arena_free(l.arena);
	if (r < 0)
		return desk_fail(c, "user", "%s: %s", file, strerror(-r));
	if (l.rows.n == 0)
		(void)fprintf(c->out, "No users in %s.\n", file);
	return CLI_OK;
}

int user_list(struct cli *c, int argc, char **argv)
{
	struct desk desk;
	int status;

	(void)argv;
	if (argc > 1)
		return desk_usage(c, user_usage);
	status = desk_open(c, &desk);
	if (status == CLI_OK)
		status = list(c, &desk.settings);
	desk_done(&desk);
	return status;
}
