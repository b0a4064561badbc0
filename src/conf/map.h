/* SPDX-License-Identifier: ISC */
/* Look-ups in text files of lines, without reading them into memory: users,
 * aliases, routes.
 *
 * A line that begins with a blank continues the one above; lines that are
 * empty, or whose first character but blanks is '#', are nothing, also in
 * between. CR before LF is dropped. Lines are at most MAP_LINE_MAX long, a
 * value joined from its lines at most MAP_VALUE_MAX.
 *
 * A file of more than some KiB is mapped; of a large one that has an index
 * (map_index.h) only what is asked for is read. Replacing it (rename) does not
 * disturb; cutting one that is mapped short in place while somebody looks
 * something up ends his process (SIGBUS): what had no reply yet is then sent
 * again. */
#pragma once

#include "base/arena.h"

#define MAP_LINE_MAX  65536
#define MAP_VALUE_MAX (1U << 20)

struct map;

/* separator: the character between key and value (':' or '='). missing_ok:
 * no such file is an empty map. 0 or -errno; -EINVAL for what is no regular
 * file. */
int map_open(const char *path, char separator, bool missing_ok,
	     struct map **ret) MUST_LOOK;
void map_close(struct map *m);

/* The same in two steps, for who looks things up for as long as it runs, and
 * is fenced in before: the descriptors of the file and of its index (each or
 * -errno), and what is in it now, though another may have its name by then.
 * map_of_held takes -ENOENT for an empty file, and returns other errors; the
 * map borrows them. */
struct map_held {
	int file, index;
};
void map_hold(const char *path, struct map_held *ret);
void map_let_go(struct map_held *h);
int map_of_held(const struct map_held *h, char separator,
		struct map **ret) MUST_LOOK;

/* Has it an index that fits? */
bool map_is_indexed(const struct map *m);

/* Text that is in memory already and outlives the map, as a map. */
int map_of_text(struct slice text, char separator, struct map **ret) MUST_LOOK;

/* The value of the first line whose key equals `key` (ASCII case ignored,
 * blanks around both dropped). 1 found, 0 not, -EMSGSIZE (a line or value is
 * too long), -ENOMEM. *ret_value is joined with one blank from its lines and
 * lives in `arena`; *ret_line counts from 1; either may be NULL. */
int map_find(struct map *m, struct slice key, struct arena *arena,
	     struct slice *ret_value, unsigned *ret_line) MUST_LOOK;

/* The key of a line, where a look-up can find it: false for a continuation, a
 * comment, and a line without key or separator. */
bool map_line_key(struct slice line, char separator, struct slice *ret);

/* Where the entry of that key lies: offset of its line, and behind the last
 * line that belongs to it, LF included. */
bool map_span(struct map *m, struct slice key, size_t *ret_start,
	      size_t *ret_end);

/* All of it. */
struct slice map_text(const struct map *m);

/* Every entry in order, for `check` and listings. A line that cannot be used
 * (no key, no separator, too long, a continuation of nothing) is given with
 * value.p == NULL. Slices are valid during the call. A non-zero return of
 * `each` ends the walk and is returned. */
typedef int map_each(void *context, unsigned line, struct slice key,
		     struct slice value);
int map_walk(struct map *m, map_each *each, void *context) MUST_LOOK;
