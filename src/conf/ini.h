/* SPDX-License-Identifier: ISC */
/* Configuration files in systemd's manner, read by libinih: [section], key =
 * value, # or ; at a line's start is a comment, a line that begins with a
 * blank continues the value above. FILE, then what ends in .conf in FILE.d, by
 * name. */
#pragma once

#include "base/buf.h"

/* Where something stands, for people. */
struct ini_place {
	const char *file;
	unsigned line;
};

/* One setting. A non-zero return stops the reading of nothing: the callee
 * reports what is wrong through its own context. `value` is trimmed. */
typedef void ini_entry(void *context, struct ini_place at, struct slice section,
		       struct slice key, struct slice value);

/* A line that is no INI, is too long, or holds a NUL. */
typedef void ini_trouble(void *context, struct ini_place at, const char *what);

/* Read `path` and then every .conf file in "path.d" (the directory may be
 * missing), in order of name. 0 or -errno of opening or reading (ret_file, if
 * not NULL: a copy of the name of the file that failed; caller frees). */
int ini_read(const char *path, ini_entry *entry, ini_trouble *trouble,
	     void *context, char **ret_file) MUST_LOOK;
