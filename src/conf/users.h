/* SPDX-License-Identifier: ISC */
/* The users file, postern-users(5): one line a user,
 *
 *     name:hash:mailbox:options
 *
 * name     "alice" (all local domains), or "alice@example.org" (virtual)
 * hash     crypt(5); "!" or "*" at its front: no login; empty: no login
 * mailbox  below the mail directory; empty: "alice", "example.org/alice"
 * options  key=value,key=value; unknown ones are kept and ignored
 *
 * This file knows the format and nothing of passwords. */
#pragma once

#include "base/arena.h"

struct user {
	struct slice name;
	struct slice hash;
	struct slice mailbox; /* never empty; relative, no "..", no NUL */
	struct slice options;
};

/* `name` as a client or an envelope gives it. 1 found, 0 not, -errno. */
int user_find(const char *path, struct slice name, struct arena *arena,
	      struct user *ret) MUST_LOOK;

/* One line apart; `why` says what is wrong with it. 0 or -EINVAL. */
int user_parse(struct slice name, struct slice rest, struct arena *arena,
	       struct user *ret, const char **ret_why) MUST_LOOK;

/* Is this a name that can own a mailbox: 1 to 64 of [a-z0-9._-] and UTF-8,
 * not beginning with '.' or '-', optionally "@" and a domain? */
bool user_name_valid(struct slice name);

/* Add, replace or remove (hash.p == NULL) one line; every other line stays
 * byte for byte. Written beside, synced, renamed; mode, owner and group are
 * kept (0640 for a new file). 0 or -errno; -ENOENT: nothing to remove. */
int user_write(const char *path, struct slice name, struct slice hash,
	       struct slice mailbox, struct slice options) MUST_LOOK;
