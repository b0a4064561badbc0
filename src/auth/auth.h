/* SPDX-License-Identifier: ISC */
/* Who is it? Passwords against the users file by crypt(3). An unknown user
 * costs the same time as a wrong password. */
#pragma once

#include "conf/users.h"

enum auth_outcome {
	AUTH_YES,
	AUTH_NO,    /* wrong password, unknown user, locked: not told apart */
	AUTH_AGAIN, /* the file could not be read: our trouble, try later */
};

/* ret_user (on AUTH_YES) lives in `arena`. */
enum auth_outcome auth_password(const char *users_path, struct slice name,
				struct slice password, struct arena *arena,
				struct user *ret_user) MUST_LOOK;

/* A new hash with a fresh salt: yescrypt at the library's default cost.
 * `ret` has room for AUTH_HASH_MAX. 0 or -errno; -EINVAL: NUL in it, or over
 * 255 octets. */
#define AUTH_HASH_MAX 384
int auth_hash(struct slice password, char *ret) MUST_LOOK;
