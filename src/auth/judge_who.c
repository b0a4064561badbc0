/* SPDX-License-Identifier: ISC */
/* See judge_engine.h. Must never tell users from others, nor log a secret. */
#include "auth/judge_engine.h"

#include <pwd.h>

#include "auth/checkpassword.h"
#include "auth/events.h"
#include "auth/pam.h"

#define ACCOUNT_ROOM 4096

/* ---- the brake ---- */

/* Behind a loopback address is a program of this host, a webmail, and behind
 * that everybody. */
static const struct peer *source_of(const struct judge *j)
{
	return peer_is_loopback(&j->peer) ? NULL : &j->peer;
}

/* Before it is known who it shall be. */
bool judge_is_held(struct judge *j)
{
	return j->peer.kind == PEER_IP &&
	       brake_holds(j->brake, source_of(j), SLICE(""));
}

/* From now on it counts as failed, until judge_tell_brake says otherwise. */
static bool may_try(struct judge *j)
{
	brake_end(j->brake, &j->attempt, BRAKE_NEITHER);
	j->attempt =
		(struct brake_try){ .source = source_of(j), .account = j->who };
	return j->peer.kind != PEER_IP || brake_begin(j->brake, &j->attempt);
}

void judge_tell_brake(struct judge *j, enum auth_step step)
{
	enum brake_outcome outcome = step == AUTH_STEP_YES  ? BRAKE_PASSED
				     : step == AUTH_STEP_NO ? BRAKE_FAILED
							    : BRAKE_NEITHER;

	if (j->attempt.counted)
		brake_end(j->brake, &j->attempt, outcome);
	else if (step == AUTH_STEP_NO && j->peer.kind == PEER_IP)
		brake_failed(j->brake, source_of(j), j->who);
}

/* ---- whose name is it ---- */

static void remember_name(struct judge *j, const char *name)
{
	j->name = arena_copy(j->arena, slice_of(name));
	if (!j->name.p)
		j->name = SLICE("");
}

static void log_unjudged(const struct judge *j, int error)
{
	const struct log_field fields[] = {
		{ "PLACE", j->settings->auth.passwords },
		{ "DETAIL", j->settings->users.file },
		{ "STATUS", slice_of(strerror(-error)) },
	};

	log_event(&auth_event_unjudged, fields, ARRAY_LEN(fields));
}

/* As it was given, which may be a name of its own; else the bare one. However
 * it is spelled, j->who comes out the same. */
static int find_account(struct judge *j)
{
	const struct settings *s = j->settings;
	const char *users = s->users.file.p, *passwords = s->auth.passwords.p;
	int r = auth_account_find(users, passwords, j->name, j->arena,
				  &j->account);

	j->who = auth_account_name(j->name, &s->domains.local, j->arena);
	if (!j->who.p)
		r = -ENOMEM;
	if (r == 0 && j->who.n < j->name.n)
		r = auth_account_find(users, passwords, j->who, j->arena,
				      &j->account);
	if (r > 0)
		j->who = j->account.user.name;
	if (r < 0) {
		log_unjudged(j, r);
		j->trouble = true;
	}
	return r;
}

/* That is our trouble, and no failure of his. */
static bool is_unjudged(struct judge *j)
{
	if (!j->account.unjudged)
		return false;
	if (!j->trouble) /* SCRAM asks twice */
		log_unjudged(j, -ENOENT);
	j->trouble = true;
	return true;
}

/* False: the brake holds, or our trouble. *ret_found: there is such a user. */
static bool look_up(struct judge *j, const char *name, bool *ret_found)
{
	int r;

	remember_name(j, name);
	j->account = (struct auth_account){ .has_keys = false };
	r = find_account(j);
	*ret_found = r > 0;
	/* only now it is known whose bucket it is */
	j->held = r >= 0 && !may_try(j);
	return r >= 0 && !j->held;
}

/* ---- passwords ---- */

/* Are there any here, and may they log in? */
static bool takes_system_accounts(const struct judge *j)
{
	return j->settings->users.system &&
	       !slice_eq(j->settings->auth.system, SLICE("no"));
}

static bool is_system_account(struct judge *j, struct slice name)
{
	char room[ACCOUNT_ROOM];
	struct passwd entry, *found = NULL;

	if (!takes_system_accounts(j))
		return false;
	if (getpwnam_r(name.p, &entry, room, sizeof(room), &found) != 0 ||
	    !found || entry.pw_uid < j->settings->users.system_uid_min)
		return false;
	j->account.user = (struct user){ .name = name,
					 .hash = SLICE(""),
					 .mailbox = name,
					 .options = SLICE("") };
	return true;
}

/* A library's module is not installed, or not this program's. */
void judge_no_library(const char *file)
{
	const struct log_field fields[] = { { "PLACE", slice_of(file) } };

	log_event(&auth_event_no_library, fields, ARRAY_LEN(fields));
}

/* Without the domain, where it is one of ours. "": none of the system's may be
 * meant. */
static struct slice system_name(struct judge *j)
{
	size_t at = slice_find(j->name, '@');
	struct slice name = slice_upto(j->name, at);

	if (at < j->name.n && !words_have(&j->settings->domains.local,
					  slice_from(j->name, at + 1)))
		name = SLICE("");
	return arena_copy(j->arena, name);
}

/* PAM hashes nothing for a name that it does not know, so that one is hashed
 * here; and who may not log in anyway is not guessed at. */
static enum auth_outcome ask_pam(struct judge *j, const char *password)
{
	const struct pam_module *pam = pam_module();
	struct slice name = system_name(j);
	struct slice ip = arena_copy(j->arena, j->scene.peer_ip);
	enum auth_outcome outcome;
	bool there;

	if (!pam)
		judge_no_library(PAM_MODULE_FILE);
	if (!pam || !name.p || !ip.p)
		return AUTH_AGAIN;
	there = user_name_valid(name) && is_system_account(j, name);
	if (!there && auth_compare(SLICE_NONE, slice_of(password)) != AUTH_NO)
		return AUTH_AGAIN;
	outcome = pam->password(there ? name.p : "-", password, ip.p);
	return there || outcome == AUTH_AGAIN ? outcome : AUTH_NO;
}

static enum auth_outcome ask_hash(struct judge *j, struct slice password)
{
	struct slice name = j->account.user.name, hash = j->account.hash;
	enum auth_outcome outcome;

	if (hash.n > 0 && remember_has(j->memory, name, password, hash))
		return AUTH_YES;
	outcome = auth_compare(hash, password);
	if (outcome == AUTH_YES)
		remember_put(j->memory, name, password, hash);
	return outcome;
}

static enum auth_outcome ask_files(struct judge *j, struct slice password)
{
	enum auth_outcome outcome = AUTH_NO;
	int r;

	if (is_unjudged(j))
		return AUTH_AGAIN;
	if (j->account.hash.n > 0 || !j->account.has_keys)
		return ask_hash(j, password);
	r = scram_fits(&j->account.keys, password);
	if (r == -ENOENT)
		judge_no_library(SASL_MODULE_FILE);
	if (r != 0)
		outcome = r < 0 ? AUTH_AGAIN : AUTH_YES;
	return outcome;
}

/* [auth] checkpassword: whom it knows has the usual mailbox, unless the users
 * file says otherwise. */
static enum auth_outcome ask_checker(struct judge *j, bool found,
				     struct slice password)
{
	struct slice name = arena_copy(j->arena, j->name);
	const char *why;
	int r;

	if (!name.p)
		return AUTH_AGAIN;
	if (!found &&
	    user_parse(name, SLICE(""), j->arena, &j->account.user, &why) < 0)
		return AUTH_NO; /* no name of a mailbox */
	r = checkpassword(j->settings->auth.checkpassword.p, name, password);
	return r < 0 ? AUTH_AGAIN : r > 0 ? AUTH_YES : AUTH_NO;
}

bool judge_check(struct judge *j, const char *name, const char *password)
{
	bool only = slice_eq(j->settings->auth.system, SLICE("only"));
	bool found = false;
	enum auth_outcome outcome;

	if (!look_up(j, name, &found))
		return false;
	if (j->settings->auth.checkpassword.n > 0)
		outcome = ask_checker(j, found, slice_of(password));
	else if (pam_is_built() &&
		 (only || (!found && takes_system_accounts(j))))
		outcome = ask_pam(j, password);
	else
		outcome = ask_files(j, slice_of(password));
	auth_account_wipe(&j->account);
	j->known = outcome == AUTH_YES;
	j->trouble = j->trouble || outcome == AUTH_AGAIN;
	return outcome == AUTH_YES;
}

/* ---- what SASL asks ---- */

static bool is_other(const char *wanted, const char *proven)
{
	return wanted && wanted[0] && strcmp(wanted, proven) != 0;
}

static bool hear_password(void *context, const char *name, const char *wanted,
			  const char *password)
{
	return !is_other(wanted, name) && judge_check(context, name, password);
}

/* As PAM says it behind a password: not when it has expired. */
static bool may_enter_system(struct judge *j, struct slice name)
{
	struct slice ip = arena_copy(j->arena, j->scene.peer_ip);
	enum auth_outcome outcome = AUTH_AGAIN;
	const struct pam_module *pam;

	if (slice_find(name, '@') < name.n || !user_name_valid(name) ||
	    !pam_is_built() || !is_system_account(j, name))
		return false;
	pam = pam_module();
	if (!pam)
		judge_no_library(PAM_MODULE_FILE);
	if (pam && ip.p)
		outcome = pam->may_enter(name.p, ip.p);
	j->trouble = j->trouble || outcome == AUTH_AGAIN;
	return outcome == AUTH_YES;
}

static bool hear_proven(void *context, const char *wanted)
{
	struct judge *j = context;
	struct slice name = arena_copy(j->arena, j->scene.external);
	bool only = slice_eq(j->settings->auth.system, SLICE("only"));
	bool found = false;

	if (!name.p || !look_up(j, name.p, &found))
		return false;
	auth_account_wipe(&j->account);
	if (found && j->account.locked)
		return false;
	j->known = (found && !only) || may_enter_system(j, name);
	/* as the certificate has it, or as his line does */
	return j->known && (!is_other(wanted, name.p) ||
			    !is_other(wanted, j->account.user.name.p));
}

/* Before it is known whether they are wanted: that must not show in the time
 * it takes. */
static int make_fake(const struct judge *j, struct scram_keys *ret)
{
	const struct slice secret = { (const char *)j->secret, SECRET_BYTES };
	struct scram_shape shape = { j->settings->auth.iterations,
				     SCRAM_SALT_NEW };

	scram_shape_pick(j->settings->auth.passwords.p,
			 scram_fake_point(secret, j->who), &shape);
	return scram_fake(secret, j->who, &shape, ret);
}

static bool give_keys(void *context, const char *name, const char *wanted,
		      struct scram_keys *ret)
{
	struct judge *j = context;
	bool only = slice_eq(j->settings->auth.system, SLICE("only"));
	bool found = false;
	int r;

	if (is_other(wanted, name) || !look_up(j, name, &found) ||
	    (!only && is_unjudged(j)))
		return false;
	j->known = found && j->account.has_keys && !only;
	r = make_fake(j, ret);
	if (j->known)
		*ret = j->account.keys;
	auth_account_wipe(&j->account);
	j->trouble = j->trouble || r < 0;
	return r == 0;
}

static struct slice give_binding(void *context)
{
	const struct judge *j = context;

	return mechanism_offers_binding(j->settings, &j->scene)
		       ? j->scene.binding
		       : SLICE("");
}

const struct sasl_hooks judge_hooks = {
	.password = hear_password,
	.proven = hear_proven,
	.keys = give_keys,
	.binding = give_binding,
};
