/* SPDX-License-Identifier: ISC */
/* See auth.h. Must never let the time taken tell whether a
 * user exists, nor leave a password or hash behind in memory. */
#include "auth/auth.h"

#include <nettle/memops.h>

#include "auth/hash.h"
#include "auth/pam.h"
#include "conf/passwords.h"

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

static enum auth_step compare(struct slice hash, struct slice password)
{
	char made[AUTH_HASH_MAX];
	enum auth_step step = AUTH_STEP_NO;
	int r = is_locked(hash) ? -EINVAL : hash_again(password, hash, made);

	if (r == -EINVAL) {
		r = spend(password);
		return r == -ENOMEM ? AUTH_STEP_AGAIN : AUTH_STEP_NO;
	}
	if (r < 0)
		return AUTH_STEP_AGAIN;
	if (strlen(made) == hash.n && memeql_sec(made, hash.p, hash.n))
		step = AUTH_STEP_YES;
	explicit_bzero(made, sizeof(made));
	return step;
}

static bool is_possible(struct slice password)
{
	return password.n > 0 && password.n <= AUTH_PASSWORD_MAX &&
	       !memchr(password.p, '\0', password.n);
}

/* The arena outlives us. */
static void wipe(struct slice *secret)
{
	if (secret->n > 0)
		explicit_bzero((char *)secret->p, secret->n);
	*secret = SLICE("");
}

/* A user, and what is kept of his password. */
struct found {
	struct user user;
	struct slice hash, scram;
};

static void wipe_all(struct found *f)
{
	wipe(&f->user.hash);
	wipe(&f->scram);
	f->hash = SLICE("");
}

/* 1, 0 (nobody: also where his line is malformed), or -errno. What the
 * passwords file has of him counts before the hash in the users file. */
static int look_up(const struct settings *s, struct slice name,
		   struct arena *arena, struct found *ret)
{
	struct password line = { .hash = SLICE_NONE };
	int r = user_find(s->users.file.p, name, arena, &ret->user);
	int kept;

	if (r <= 0)
		return r == -EBADMSG ? 0 : r;
	kept = password_find(s->auth.passwords.p, ret->user.name, arena, &line);
	if (kept < 0)
		return kept;
	ret->hash = kept > 0 ? line.hash : ret->user.hash;
	ret->scram = line.scram;
	return 1;
}

static enum auth_step judge(const struct found *f, struct slice password)
{
	struct scram keys;
	int r;

	if (f->hash.n > 0 || f->scram.n == 0)
		return compare(f->hash, password);
	/* keys alone are as good, and as dear */
	if (scram_parse(f->scram, &keys) < 0)
		return compare(SLICE_NONE, password);
	r = scram_is(&keys, password);
	explicit_bzero(&keys, sizeof(keys));
	return r < 0 ? AUTH_STEP_AGAIN : r > 0 ? AUTH_STEP_YES : AUTH_STEP_NO;
}

enum auth_step auth_check(const struct settings *s, struct slice name,
			  struct slice password, struct arena *arena,
			  struct user *ret_user)
{
	struct found f = { .hash = SLICE_NONE };
	int found = look_up(s, name, arena, &f);
	bool possible = is_possible(password);
	enum auth_step step;

	if (found < 0)
		return AUTH_STEP_AGAIN;
	if (found == 0 && possible && pam_has(s, name))
		return pam_check(s, name, password, arena, ret_user);
	step = judge(&f, possible ? password : SLICE("impossible"));
	wipe_all(&f);
	if (step == AUTH_STEP_YES && !possible)
		return AUTH_STEP_NO;
	if (step == AUTH_STEP_YES)
		*ret_user = f.user;
	return step;
}

enum auth_step auth_scram(const struct settings *s, struct slice name,
			  struct arena *arena, struct user *ret_user,
			  struct scram *ret)
{
	struct found f = { .hash = SLICE_NONE };
	int found = look_up(s, name, arena, &f);
	bool good = found > 0 && !(f.hash.n > 0 && is_locked(f.hash)) &&
		    scram_parse(f.scram, ret) == 0;

	wipe_all(&f);
	if (found < 0)
		return AUTH_STEP_AGAIN;
	if (good)
		*ret_user = f.user;
	return good ? AUTH_STEP_YES : AUTH_STEP_NO;
}

enum auth_step auth_known(const struct settings *s, struct slice name,
			  struct arena *arena, struct user *ret_user)
{
	struct found f = { .hash = SLICE_NONE };
	int found = look_up(s, name, arena, &f);
	bool locked = f.hash.n > 0 && is_locked(f.hash);

	wipe_all(&f);
	if (found < 0)
		return AUTH_STEP_AGAIN;
	if (found > 0 && !locked)
		*ret_user = f.user;
	return found > 0 && !locked ? AUTH_STEP_YES : AUTH_STEP_NO;
}

int auth_hash(struct slice password, char *ret)
{
	return is_possible(password) ? hash_fresh(password, ret) : -EINVAL;
}
