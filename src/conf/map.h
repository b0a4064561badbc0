/* SPDX-License-Identifier: ISC */
/* Look-ups in text files of lines, without reading them into memory: users,
 * aliases, routes. Lines are at most MAP_LINE_MAX; '#' at a line's start is a
 * comment; a line that begins with a blank continues the one above. */
#pragma once

#include "base/arena.h"

#define MAP_LINE_MAX 65536

struct map;

/* separator: the character between key and value (':' or '='). missing_ok:
 * no such file is an empty map. 0 or -errno. The file is mapped; a later
 * replacement (rename) of it does not disturb. */
int map_open(const char *path, char separator, bool missing_ok,
	     struct map **ret) MUST_LOOK;
void map_close(struct map *m);

/* The value of the first line whose key equals `key` (ASCII case ignored,
 * blanks around both dropped). 1 found, 0 not, -errno. *ret_value is joined
 * from its continuation lines and lives in `arena`; *ret_line counts from 1;
 * either may be NULL. */
int map_find(struct map *m, struct slice key, struct arena *arena,
	     struct slice *ret_value, unsigned *ret_line) MUST_LOOK;

/* Every entry in order, for `check` and listings. A line without separator
 * is given with value.p == NULL. A non-zero return of `each` ends the walk
 * and is returned. */
typedef int map_each(void *context, unsigned line, struct slice key,
		     struct slice value);
int map_walk(struct map *m, map_each *each, void *context) MUST_LOOK;
