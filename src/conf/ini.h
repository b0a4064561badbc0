/* SPDX-License-Identifier: ISC */
/* Configuration files in systemd's manner, read by libinih: [section], key =
 * value, # or ; at a line's start is a comment, a line that begins with a
 * blank continues the value above. FILE, then what ends in .conf in FILE.d, by
 * name. */
#pragma once

#include "base/buf.h"

#define INI_FILE_MAX (1U << 20) /* octets in one file */

/* Where something stands, for people. */
struct ini_place {
	const char *file;
	unsigned line;
};

/* One setting; or, where key.p is NULL, a section that holds none. A callee
 * that does not like it reports so through its own context; reading goes on.
 * `value` is trimmed, and joined with one blank from its lines. */
typedef void ini_entry(void *context, struct ini_place at, struct slice section,
		       struct slice key, struct slice value);

/* A line that is no INI, is too long, or holds a NUL; and what to do. The
 * line, and those that continue it, are left out. */
typedef void ini_trouble(void *context, struct ini_place at, const char *what,
			 const char *remedy);

/* Read `path` and then every .conf file in "path.d" (the directory may be
 * missing), in order of name. 0 or -errno of opening or reading, -EFBIG for a
 * file over INI_FILE_MAX (ret_file, if not NULL: a copy of the name of the
 * file that failed; caller frees). */
int ini_read(const char *path, ini_entry *entry, ini_trouble *trouble,
	     void *context, char **ret_file) MUST_LOOK;

/* One file's text, already in memory; `file` only names it. 0 or -ENOMEM. */
int ini_read_text(const char *file, struct slice text, ini_entry *entry,
		  ini_trouble *trouble, void *context) MUST_LOOK;
