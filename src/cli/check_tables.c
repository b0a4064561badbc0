/* SPDX-License-Identifier: ISC */
/* `postern check`: a large table without an index that fits answers rightly,
 * and slowly. */
#include "cli/check.h"
#include "cli/tables.h"
#include "conf/map.h"
#include "conf/map_index.h"

static void judge(struct report *r, const struct table *t)
{
	struct map *m = NULL;

	if (map_open(t->path.p, t->separator, true, &m) < 0)
		return; /* others have said so */
	if (map_text(m).n >= MAP_INDEX_LEAST && !map_is_indexed(m))
		report_doubtful(r, t->path.p, 0,
				"run: postern index (postern-index.path does "
				"with each change)",
				"it is large, and has no index that fits: "
				"each look-up reads all of it");
	map_close(m);
}

void check_tables(const struct settings *s, struct report *r)
{
	struct table tables[TABLES_MAX];
	size_t n = tables_of(s, tables);

	for (size_t i = 0; i < n; i++)
		judge(r, &tables[i]);
}
