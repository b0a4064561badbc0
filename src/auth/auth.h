/* SPDX-License-Identifier: ISC */
/* Who is it? Passwords and SCRAM's keys against the passwords file and the
 * users file, the system's accounts through PAM. An unknown user costs the same
 * time as a wrong password (of a hash made by auth_hash), and gets the same
 * answer. Secrets are wiped from memory when done with. */
#pragma once

#include "auth/scram.h"
#include "auth/steps.h"
#include "conf/settings.h"
#include "conf/users.h"

#define AUTH_PASSWORD_MAX 255 /* octets */

/* Is that his password? YES; NO (wrong password, unknown user, locked: not
 * told apart); AGAIN: our trouble. ret_user (on YES) lives in `arena`, but for
 * its hash, which is wiped and empty. */
enum auth_step auth_check(const struct settings *s, struct slice name,
			  struct slice password, struct arena *arena,
			  struct user *ret_user) MUST_LOOK;

/* His keys for SCRAM: YES, NO (unknown, locked, without keys), AGAIN. */
enum auth_step auth_scram(const struct settings *s, struct slice name,
			  struct arena *arena, struct user *ret_user,
			  struct scram *ret) MUST_LOOK;

/* Somebody else has made sure that it is he: may he come in? YES, NO
 * (unknown, locked), AGAIN. */
enum auth_step auth_known(const struct settings *s, struct slice name,
			  struct arena *arena, struct user *ret_user) MUST_LOOK;

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
