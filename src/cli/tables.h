/* SPDX-License-Identifier: ISC */
/* The text files that are looked up line by line (conf/map.h) and may grow
 * large enough for an index. */
#pragma once

#include "conf/settings.h"

#define TABLES_MAX 4

struct table {
	struct slice path;
	char separator;
};

/* Those that the settings name; how many. */
size_t tables_of(const struct settings *s, struct table ret[TABLES_MAX]);
