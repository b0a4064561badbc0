/* SPDX-License-Identifier: ISC */
/* The passwords file, postern-passwords(5): what is kept of users' passwords,
 * apart from the users file, which every handler reads:
 *
 *     name:hash:scram
 *
 * hash   crypt(5), as in the users file
 * scram  keys for SCRAM-SHA-256: iterations,salt,StoredKey,ServerKey
 *
 * This room knows the format and nothing of passwords. */
#pragma once

#include "base/arena.h"

struct password {
	struct slice hash;
	struct slice scram;
};

/* The line of `name`, as it stands in the users file: 1, 0 (also: no such
 * file), or -errno. */
int password_find(const char *path, struct slice name, struct arena *arena,
		  struct password *ret) MUST_LOOK;

/* Add, replace or remove (hash.p == NULL) a line, as user_write does. -ENOENT:
 * nothing to remove; a file that is not there is not made: -ENOENT too. */
int password_write(const char *path, struct slice name, struct slice hash,
		   struct slice scram) MUST_LOOK;
