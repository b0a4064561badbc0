/* SPDX-License-Identifier: ISC */
/* Passwords and their hashes, by crypt(3). Secrets are wiped from memory when
 * done with. */
#pragma once

#include "base/slice.h"

#define AUTH_PASSWORD_MAX 255 /* octets */

enum auth_outcome {
	AUTH_YES,
	AUTH_NO,    /* wrong password, unknown user, locked: not told apart */
	AUTH_AGAIN, /* a file could not be read, or memory is short: our
		       trouble, try later */
};

/* Is that the password? A hash that nothing fits (SLICE_NONE, locked, none of
 * crypt(5)) costs what a wrong password costs where the hash was made by
 * auth_hash; other methods and costs of crypt(5) differ from that, and show. */
enum auth_outcome auth_compare(struct slice hash,
			       struct slice password) MUST_LOOK;

/* A new hash with a fresh salt: yescrypt at the library's default cost.
 * `ret` has room for AUTH_HASH_MAX. 0 or -errno; -EINVAL: empty, NUL in it,
 * or over AUTH_PASSWORD_MAX. */
#define AUTH_HASH_MAX 384
int auth_hash(struct slice password, char *ret) MUST_LOOK;

/* What a users file's hash field is good for. */
enum auth_hash_kind {
	AUTH_HASH_GOOD,
	AUTH_HASH_NONE,   /* empty: nobody can log in */
	AUTH_HASH_LOCKED, /* '!' or '*' at its front: likewise, on purpose */
	AUTH_HASH_WEAK,   /* a method that crypt(5) calls legacy */
	AUTH_HASH_BAD,    /* not a hash of crypt(5): nobody can log in */
};
enum auth_hash_kind auth_hash_judge(struct slice hash);
