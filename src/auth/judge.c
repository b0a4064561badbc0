/* SPDX-License-Identifier: ISC */
/* See judge.h. Must never tell users from others, nor log a secret. */
#include "auth/judge.h"

#include <nettle/base64.h>
#include <pwd.h>

#include "auth/account.h"
#include "auth/auth.h"
#include "auth/brake.h"
#include "auth/checkpassword.h"
#include "auth/events.h"
#include "auth/mechanism.h"
#include "auth/pam.h"
#include "auth/remember.h"
#include "auth/sasl.h"
#include "auth/secret.h"

#define ARENA_MAX    (4U << 20)
#define ACCOUNT_ROOM 4096

/* An account takes more failures than a source: they are not its own. */
#define ACCOUNT_BURSTS 10
#define KNOWN_S        (30 * 24 * 3600U)

struct judge {
	const struct settings *settings;
	struct sasl *sasl;       /* the exchange; or NULL */
	struct brake *brake;     /* NULL: there is none */
	struct remember *memory; /* likewise */
	uint8_t secret[SECRET_BYTES];
	struct arena *kept;  /* the scene */
	struct arena *arena; /* the exchange */
	struct auth_scene scene;
	struct peer peer; /* no IP address: not braked */
	struct brake_try attempt;
	char offered[MECHANISM_LIST_MAX];
	const struct mechanism *mechanism;
	struct auth_account account;
	struct slice name; /* as the client gave it */
	struct slice who;  /* as the account is called, or would be */
	bool first;        /* nothing of the client's was judged yet */
	bool known;        /* account.user is who it will be */
	bool done;         /* right; the client has yet to take note of it */
	bool trouble, held;
	struct buf out;
};

/* ---- the brake ---- */

/* Behind a loopback address is a program of this host, a webmail, and behind
 * that everybody. */
static const struct peer *source_of(const struct judge *j)
{
	return peer_is_loopback(&j->peer) ? NULL : &j->peer;
}

/* Before it is known who it shall be. */
static bool is_held(struct judge *j)
{
	return j->peer.kind == PEER_IP &&
	       brake_holds(j->brake, source_of(j), SLICE(""));
}

/* From now on it counts as failed, until tell_brake says otherwise. */
static bool may_try(struct judge *j)
{
	brake_end(j->brake, &j->attempt, BRAKE_NEITHER);
	j->attempt =
		(struct brake_try){ .source = source_of(j), .account = j->who };
	return j->peer.kind != PEER_IP || brake_begin(j->brake, &j->attempt);
}

static void tell_brake(struct judge *j, enum auth_step step)
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
static void log_no_library(const char *file)
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
		log_no_library(PAM_MODULE_FILE);
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
		log_no_library(SASL_MODULE_FILE);
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

static bool check_password(struct judge *j, const char *name,
			   const char *password)
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
	return !is_other(wanted, name) &&
	       check_password(context, name, password);
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
		log_no_library(PAM_MODULE_FILE);
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

static const struct sasl_hooks sasl_hooks = {
	.password = hear_password,
	.proven = hear_proven,
	.keys = give_keys,
	.binding = give_binding,
};

/* ---- the exchange ---- */

const char *judge_mechanisms(struct judge *j)
{
	mechanism_list(j->settings, &j->scene, j->offered);
	return j->offered;
}

static void drop_exchange(struct judge *j)
{
	if (j->sasl)
		sasl_module()->free(j->sasl);
	j->sasl = NULL;
}

void judge_cancel(struct judge *j)
{
	brake_end(j->brake, &j->attempt, BRAKE_NEITHER);
	drop_exchange(j);
	j->done = j->known = j->trouble = j->held = false;
	j->name = j->who = SLICE("");
	auth_account_wipe(&j->account);
	buf_reset(&j->out);
	arena_reset(j->arena);
}

static const char *status_of(enum auth_step step)
{
	switch (step) {
	case AUTH_STEP_AGAIN:
		return "again";
	case AUTH_STEP_WAIT:
		return "wait";
	case AUTH_STEP_MALFORMED:
		return "malformed";
	default:
		return "no";
	}
}

static void log_end(struct judge *j, enum auth_step step)
{
	const bool yes = step == AUTH_STEP_YES;
	const struct log_field fields[] = {
		{ "PEER", j->scene.peer_ip },
		{ "SERVICE", j->scene.service },
		{ "USER", yes ? j->account.user.name : j->name },
		{ "MECHANISM",
		  slice_of(j->mechanism ? j->mechanism->name : "password") },
		{ "SESSION", j->scene.session },
		{ "STATUS", slice_of(status_of(step)) },
	};

	log_event(yes ? &auth_event_passed : &auth_event_failed, fields,
		  ARRAY_LEN(fields) - (yes ? 1 : 0));
}

static enum auth_step end(struct judge *j, enum auth_step step)
{
	if (step == AUTH_STEP_NO && j->trouble)
		step = AUTH_STEP_AGAIN;
	if (step == AUTH_STEP_NO && j->held)
		step = AUTH_STEP_WAIT;
	tell_brake(j, step);
	log_end(j, step);
	drop_exchange(j);
	j->done = false;
	return step;
}

static int keep_text(struct judge *j, struct slice text)
{
	size_t room = BASE64_ENCODE_RAW_LENGTH(text.n);
	int r;

	buf_reset(&j->out);
	r = buf_reserve(&j->out, room + 1);
	if (r < 0)
		return r;
	base64_encode_raw(j->out.p, text.n, (const uint8_t *)text.p);
	j->out.n = room;
	return 0;
}

/* RFC 5802 §6: who says that we have no channel binding was lied to. */
static bool is_downgraded(const struct judge *j, struct slice in)
{
	return j->first && j->mechanism->need == MECHANISM_NEEDS_NOTHING &&
	       mechanism_offers_binding(j->settings, &j->scene) &&
	       slice_starts(in, SLICE("y,"));
}

static enum auth_step judge_step(struct judge *j, enum sasl_step step, size_t n)
{
	switch (step) {
	case SASL_DONE:
		if (!j->known)
			return end(j, AUTH_STEP_NO);
		j->done = n > 0;
		return n > 0 ? AUTH_STEP_MORE : end(j, AUTH_STEP_YES);
	case SASL_MORE:
		return AUTH_STEP_MORE;
	case SASL_NO_MEMORY:
		return end(j, AUTH_STEP_AGAIN);
	case SASL_MALFORMED:
		return end(j, AUTH_STEP_MALFORMED);
	case SASL_NO:
		break;
	}
	return end(j, AUTH_STEP_NO);
}

static enum auth_step step(struct judge *j, struct slice in,
			   struct slice *ret_text)
{
	struct slice out = SLICE("");
	enum auth_step outcome;
	enum sasl_step said;

	if (is_downgraded(j, in))
		return end(j, AUTH_STEP_NO);
	j->first = false;
	said = sasl_module()->step(j->sasl, in, &out);
	if ((said == SASL_DONE || said == SASL_MORE) && keep_text(j, out) < 0)
		said = SASL_NO_MEMORY;
	outcome = judge_step(j, said, out.n);
	*ret_text = outcome == AUTH_STEP_MORE ? buf_slice(&j->out) : SLICE("");
	return outcome;
}

/* Only EXTERNAL's says something: to be who is proven (RFC 4422 App. A.1). GNU
 * SASL would ask PLAIN's client again, without end. */
static bool may_be_empty(const struct mechanism *m)
{
	return m->need == MECHANISM_NEEDS_IDENTITY;
}

static enum auth_step decode_and_step(struct judge *j, struct slice text,
				      struct slice *ret_text)
{
	struct slice in = text.n <= AUTH_LINE_MAX ? wire_decode(text, j->arena)
						  : SLICE_NONE;
	enum auth_step outcome;

	if (!in.p || (in.n == 0 && !may_be_empty(j->mechanism)))
		return end(j, AUTH_STEP_MALFORMED);
	outcome = step(j, in, ret_text);
	if (in.n > 0)
		explicit_bzero((char *)in.p, in.n); /* the arena's, so ours */
	return outcome;
}

static enum auth_step start(struct judge *j, const struct mechanism *m)
{
	const struct sasl_module *sasl;

	j->mechanism = m;
	j->first = true;
	if (is_held(j))
		return end(j, AUTH_STEP_WAIT);
	sasl = sasl_module();
	if (!sasl)
		log_no_library(SASL_MODULE_FILE);
	if (!sasl || sasl->server_new(m->name, &sasl_hooks, j, &j->sasl) < 0)
		return end(j, AUTH_STEP_AGAIN);
	return AUTH_STEP_MORE;
}

enum auth_step judge_begin(struct judge *j, struct slice mechanism,
			   struct slice initial, struct slice *ret_text)
{
	const struct mechanism *m = mechanism_find(mechanism);
	enum auth_step outcome;

	judge_cancel(j);
	*ret_text = SLICE("");
	if (m && m->need == MECHANISM_NEEDS_PLAINTEXT && !j->scene.plaintext)
		return AUTH_STEP_NEED_TLS;
	if (!m || !mechanism_is_offered(m, j->settings, &j->scene))
		return AUTH_STEP_NO_MECHANISM;
	outcome = start(j, m);
	if (outcome == AUTH_STEP_MORE && m->server_first)
		outcome = step(j, SLICE(""), ret_text);
	if (outcome != AUTH_STEP_MORE || !initial.p)
		return outcome;
	return decode_and_step(j, initial, ret_text);
}

enum auth_step judge_next(struct judge *j, struct slice response,
			  struct slice *ret_text)
{
	*ret_text = SLICE("");
	if (!j->sasl)
		return AUTH_STEP_MALFORMED;
	if (j->done)
		return end(j, response.n == 0 ? AUTH_STEP_YES
					      : AUTH_STEP_MALFORMED);
	/* "=" is an initial response's alone */
	if (slice_eq(response, SLICE("=")))
		return end(j, AUTH_STEP_MALFORMED);
	return decode_and_step(j, response, ret_text);
}

enum auth_step judge_password(struct judge *j, struct slice name,
			      struct slice password)
{
	struct slice n, p;
	bool yes = false;

	judge_cancel(j);
	j->mechanism = NULL;
	if (!j->scene.plaintext)
		return AUTH_STEP_NEED_TLS;
	n = arena_copy(j->arena, name);
	p = arena_copy(j->arena, password);
	if (!n.p || !p.p)
		return AUTH_STEP_AGAIN;
	if (!memchr(n.p, '\0', n.n) && !memchr(p.p, '\0', p.n))
		yes = check_password(j, n.p, p.p);
	explicit_bzero((char *)p.p, p.n); /* the arena's, so ours */
	return end(j, yes ? AUTH_STEP_YES : AUTH_STEP_NO);
}

const struct user *judge_user(const struct judge *j)
{
	return &j->account.user;
}

/* ---- life ---- */

static bool copy(struct judge *j, struct slice from, struct slice *to)
{
	*to = from.n > 0 ? arena_copy(j->kept, from) : SLICE("");
	return to->p != NULL;
}

int judge_scene(struct judge *j, const struct auth_scene *scene)
{
	struct auth_scene s = *scene;

	judge_cancel(j);
	arena_reset(j->kept);
	j->scene = (struct auth_scene){ .service = SLICE("") };
	j->peer = (struct peer){ .kind = PEER_NONE };
	if (!copy(j, scene->service, &s.service) ||
	    !copy(j, scene->peer_ip, &s.peer_ip) ||
	    !copy(j, scene->session, &s.session) ||
	    !copy(j, scene->binding, &s.binding) ||
	    !copy(j, scene->external, &s.external))
		return -ENOMEM;
	j->scene = s;
	if (peer_parse(s.peer_ip, &j->peer) < 0)
		j->peer.kind = PEER_NONE;
	return 0;
}

/* Both files are a help: logins go on without. */
static void log_without(struct slice what, struct slice path, int error)
{
	const struct log_field fields[] = {
		{ "DETAIL", what },
		{ "PLACE", path },
		{ "STATUS", slice_of(strerror(-error)) },
	};

	log_event(&auth_event_without, fields, ARRAY_LEN(fields));
}

static void open_brake(struct judge *j)
{
	const struct settings *s = j->settings;
	const unsigned failures = (unsigned)s->auth.failures;
	const unsigned relief_s = (unsigned)s->auth.relief_s;
	const struct brake_limits limits = {
		.source = { failures, relief_s },
		.account = { ACCOUNT_BURSTS * failures, relief_s },
		.known_s = KNOWN_S,
	};
	int r;

	if (s->auth.brake.n == 0)
		return;
	r = brake_open(s->auth.brake.p, &limits, &j->brake);
	if (r < 0)
		log_without(SLICE("the brake"), s->auth.brake, r);
}

static void open_memory(struct judge *j)
{
	const struct settings *s = j->settings;
	int r;

	if (s->auth.memory.n == 0 || s->auth.remember_s == 0)
		return;
	r = remember_open(s->auth.memory.p, (unsigned)s->auth.remember_s,
			  &j->memory);
	if (r < 0)
		log_without(SLICE("the memory of right passwords"),
			    s->auth.memory, r);
}

struct judge *judge_new(const struct settings *settings)
{
	struct judge *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->settings = settings;
	j->kept = arena_new(AUTH_WIRE_MAX);
	j->arena = arena_new(ARENA_MAX);
	j->out = BUF(AUTH_LINE_MAX);
	j->name = j->who = SLICE("");
	if (!j->kept || !j->arena) {
		judge_free(j);
		return NULL;
	}
	if (secret_get(settings->auth.secret.p, j->secret) < 0)
		secret_fallback(j->secret);
	open_brake(j);
	open_memory(j);
	return j;
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	brake_end(j->brake, &j->attempt, BRAKE_NEITHER);
	drop_exchange(j);
	brake_close(j->brake);
	remember_close(j->memory);
	arena_free(j->kept);
	arena_free(j->arena);
	buf_done(&j->out);
	explicit_bzero(j, sizeof(*j));
	free(j);
}
