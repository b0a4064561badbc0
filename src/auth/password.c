/* SPDX-License-Identifier: ISC */
/* See auth_password in auth.h. Must never let the time taken tell whether a
 * user exists, nor leave a password or hash behind in memory. */
#include "auth/auth.h"

#include "auth/hash.h"

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

/* Looks at every octet, wherever they differ first. */
static bool same(struct slice a, struct slice b)
{
	volatile unsigned char differ = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		differ |= (unsigned char)(a.p[i] ^ b.p[i]);
	return differ == 0;
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
	if (same(slice_of(made), hash))
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

/* The arena outlives us. */
static void wipe(struct slice *hash)
{
	if (hash->n > 0)
		explicit_bzero((char *)hash->p, hash->n);
	*hash = SLICE("");
}

enum auth_outcome auth_password(const char *users_path, struct slice name,
				struct slice password, struct arena *arena,
				struct user *ret_user)
{
	struct user user = { .hash = SLICE_NONE };
	int found = user_find(users_path, name, arena, &user);
	enum auth_outcome outcome;

	if (found < 0 && found != -EBADMSG)
		return AUTH_AGAIN;
	outcome = auth_compare(found == 1 ? user.hash : SLICE_NONE, password);
	wipe(&user.hash);
	if (outcome == AUTH_YES)
		*ret_user = user;
	return outcome;
}

int auth_hash(struct slice password, char *ret)
{
	return is_possible(password) ? hash_fresh(password, ret) : -EINVAL;
}
