/* SPDX-License-Identifier: ISC */
/* `postern index`: make, renew and remove the indexes of large tables. Says
 * nothing of those that are as they should be. */
#include "cli/tables.h"

#include "cli/desk.h"
#include "conf/map.h"
#include "conf/map_index.h"

static const char usage[] =
	"Usage: postern index\n"
	"Make the indexes of large users, passwords, aliases and routes "
	"files,\n"
	"renew those that no longer fit, and remove those that nobody needs.\n";

static int make(struct cli *c, const struct table *t)
{
	enum map_index_made made = MAP_INDEX_NONE;
	int r = map_index_make(t->path.p, t->separator, &made);

	if (r == -ENOENT) /* not even its directory */
		return CLI_OK;
	if (r == -EBUSY)
		return desk_fail(c, "index",
				 "%s: it is being changed, or its times lie "
				 "ahead of the clock; try again",
				 t->path.p);
	if (r < 0)
		return desk_fail(c, "index", "%s: %s", t->path.p, strerror(-r));
	if (made == MAP_INDEX_MADE)
		(void)fprintf(c->out, "made %s" MAP_INDEX_SUFFIX "\n",
			      t->path.p);
	else if (made == MAP_INDEX_REMOVED)
		(void)fprintf(c->out, "removed %s" MAP_INDEX_SUFFIX "\n",
			      t->path.p);
	return CLI_OK;
}

static int make_all(struct cli *c, const struct settings *s)
{
	struct table tables[TABLES_MAX];
	size_t n = tables_of(s, tables);
	int status = CLI_OK;

	for (size_t i = 0; i < n; i++)
		if (make(c, &tables[i]) != CLI_OK)
			status = CLI_FAILED;
	return status;
}

int cli_index(struct cli *c, int argc, char **argv)
{
	struct desk desk;
	int status;

	if (argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		(void)fputs(usage, c->out);
		return CLI_OK;
	}
	if (argc > 1)
		return desk_usage(c, usage);
	status = desk_open(c, &desk);
	if (status == CLI_OK)
		status = make_all(c, &desk.settings);
	desk_done(&desk);
	return status;
}
