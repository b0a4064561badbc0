/* SPDX-License-Identifier: ISC */
/* See tables.h. */
#include "cli/tables.h"

size_t tables_of(const struct settings *s, struct table ret[TABLES_MAX])
{
	const struct table all[TABLES_MAX] = {
		{ s->users.file, ':' },
		{ s->auth.passwords, ':' },
		{ s->users.aliases, ':' },
		{ s->relay.routes, '=' },
	};
	size_t n = 0;

	for (size_t i = 0; i < TABLES_MAX; i++)
		if (all[i].path.n > 0)
			ret[n++] = all[i];
	return n;
}
