/* SPDX-License-Identifier: ISC */
/* What we log in to other hosts with: lines NAME:user:password, in a file that
 * nobody but its owner and group may read. Never logged, never copied but by
 * who uses it. */
#pragma once

#include "base/arena.h"

struct credential {
	struct slice user, password; /* NUL-terminated, in the arena */
};

/* 1 found; 0 no such name; -EACCES: the file can be read by others, or written
 * by its group; -EBADMSG: the line has no user or no password; -errno of
 * opening. */
int credential_find(const char *path, struct slice name, struct arena *arena,
		    struct credential *ret) MUST_LOOK;

/* Fill its memory with zeroes; *c is empty then. */
void credential_wipe(struct credential *c);

/* Is the file kept as it has to be? 0, -EACCES, -ENOENT, … */
int credentials_judge(const char *path) MUST_LOOK;

/* "user:password" apart; neither is empty. */
bool credential_parse(struct slice value, struct credential *ret);
