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
 * Fields at the end may be left out. This room knows the format and nothing
 * of passwords. */
#pragma once

#include "base/arena.h"

#define USER_LOCAL_MAX   64  /* octets of a name's local part */
#define USER_MAILBOX_MAX 200 /* octets of each part of a mailbox's path */

struct user {
	struct slice name;
	struct slice hash;
	struct slice mailbox; /* never empty; relative, no "..", no NUL */
	struct slice options;
};

/* `name` as a client or an envelope gives it; ASCII case is ignored. 1 found,
 * 0 not (also: no such file), -EBADMSG (the user's line is malformed), or
 * -errno. */
int user_find(const char *path, struct slice name, struct arena *arena,
	      struct user *ret) MUST_LOOK;

struct map_held;

/* The same in a users file that is held: map_hold. */
int user_find_held(const struct map_held *held, struct slice name,
		   struct arena *arena, struct user *ret) MUST_LOOK;

/* One line apart, at its first ':'; `why` says what is wrong with it. 0,
 * -EINVAL, or -ENOMEM. */
int user_parse(struct slice name, struct slice rest, struct arena *arena,
	       struct user *ret, const char **ret_why) MUST_LOOK;

/* Is this a name that can own a mailbox: 1 to 64 of [a-z0-9._-] and UTF-8,
 * not beginning with '.' or '-' nor ending in ".lock", optionally "@" and a
 * domain in lower case? */
bool user_name_valid(struct slice name);

/* Can it be a mailbox's path: parts of 1 to USER_MAILBOX_MAX octets with '/'
 * between, none beginning with '.' or ending in ".lock", no control
 * characters, no ':'? */
bool user_mailbox_valid(struct slice mailbox);

/* Add, replace or remove (hash.p == NULL) one line; every other line stays
 * byte for byte. Written beside, synced, renamed; mode, owner and group are
 * kept (0640 for a new file). Who comes second waits for who came first; so
 * the file is re-read after the wait. 0 or -errno; -ENOENT: nothing to
 * remove; -EINVAL: a field that cannot stand in the file. */
int user_write(const char *path, struct slice name, struct slice hash,
	       struct slice mailbox, struct slice options) MUST_LOOK;

/* Likewise one line of a passwords file, name:hash:scram. */
int passwords_write(const char *path, struct slice name, struct slice hash,
		    struct slice scram) MUST_LOOK;
