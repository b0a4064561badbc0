/* SPDX-License-Identifier: ISC */
/* What is known of a name: the line of the users file, and beside it the line
 * of the passwords file, postern-passwords(5):
 *
 *     name:hash:scram
 *
 * hash   crypt(5), '!' or '*' at its front, in either file: no login
 * scram  keys for SCRAM-SHA-256 (auth/scram.h); may be empty
 *
 * A hash in the users file counts where the passwords file has no such line. */
#pragma once

#include "auth/scram.h"
#include "conf/settings.h"
#include "conf/users.h"

struct auth_account {
	struct user user;  /* its hash is empty */
	struct slice hash; /* empty: none, or locked */
	struct scram_keys keys;
	bool has_keys; /* not when locked */
	bool locked;   /* on purpose: by no means can he log in */
	bool unjudged; /* his hash is not in the users file, and there is no
			  passwords file */
};

/* 1, 0 (no such user), or -errno. All lives in `arena`; auth_account_wipe
 * before that goes. */
int auth_account_find(const char *users, const char *passwords,
		      struct slice name, struct arena *arena,
		      struct auth_account *ret) MUST_LOOK;

/* The name that account has, or would have: in lower case, and without its
 * domain where that is one of ours, for clients that log in with the whole
 * address. .p NULL: no memory. */
struct slice auth_account_name(struct slice name, const struct words *ours,
			       struct arena *arena) MUST_LOOK;

void auth_account_wipe(struct auth_account *a);
