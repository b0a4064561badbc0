/* SPDX-License-Identifier: ISC */
/* Files that were read, and whether what lies there now is something else.
 * Looked at by stat(2) when a connection has come: that costs a microsecond a
 * file, wakes nobody in between, and works on shared file systems, which
 * inotify(7) does not. */
#pragma once

#include "base/base.h"

struct watched;
struct watch {
	struct watched *v;
	size_t n;
	bool blind; /* memory was short: everything may have changed */
};

/* Add a file or directory, as it is now: before it is read. It may be missing,
 * and that may change. */
void watch_add(struct watch *w, const char *path);

/* A file or directory of which only matters that it is the same one, whatever
 * was done to it. */
void watch_add_place(struct watch *w, const char *path);

/* A directory, and what in it ends in `suffix`. */
void watch_add_folder(struct watch *w, const char *path, const char *suffix);

/* Is one of them another than it was? A change so short before it was added
 * that the next one could bear the same time is told as one, later. */
bool watch_changed(const struct watch *w);

void watch_done(struct watch *w);
