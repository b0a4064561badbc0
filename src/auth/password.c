/* SPDX-License-Identifier: ISC */
/* See auth.h. Must never let the time taken tell whether a
 * user exists, nor leave a password or hash behind in memory. */
#include "auth/auth.h"

#include "auth/hash.h"
#include "base/digest.h"

/* Costs what a right hash costs, and compares to nothing. */
static int spend(struct slice password)
{
	char hash[AUTH_HASH_MAX];
	int r = hash_fresh(password, hash);

	explicit_bzero(hash, sizeof(hash));
	return r;
}

static bool is_locked(struct slice hash)
{
	return hash.n == 0 || hash.p[0] == '!' || hash.p[0] == '*';
}

static bool is_possible(struct slice password)
{
	return password.n > 0 && password.n <= AUTH_PASSWORD_MAX &&
	       !memchr(password.p, '\0', password.n);
}

static enum auth_outcome compare(struct slice hash, struct slice password)
{
	char made[AUTH_HASH_MAX];
	enum auth_outcome outcome = AUTH_NO;
	int r = is_locked(hash) ? -EINVAL : hash_again(password, hash, made);

	if (r == -EINVAL) {
		r = spend(password);
		return r == -ENOMEM ? AUTH_AGAIN : AUTH_NO;
	}
	if (r < 0)
		return AUTH_AGAIN;
	if (strlen(made) == hash.n &&
	    digest_same((uint8_t *)made, (const uint8_t *)hash.p, hash.n))
		outcome = AUTH_YES;
	explicit_bzero(made, sizeof(made));
	return outcome;
}

enum auth_outcome auth_compare(struct slice hash, struct slice password)
{
	bool possible = is_possible(password);
	enum auth_outcome outcome =
		compare(hash, possible ? password : SLICE("impossible"));

	return outcome == AUTH_YES && !possible ? AUTH_NO : outcome;
}

int auth_hash(struct slice password, char *ret)
{
	return is_possible(password) ? hash_fresh(password, ret) : -EINVAL;
}
