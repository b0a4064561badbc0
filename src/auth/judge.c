/* SPDX-License-Identifier: ISC */
/* See judge.h: the exchange. Must never tell users from others, nor log a
 * secret. */
#include "auth/judge_engine.h"

#include <nettle/base64.h>

#include "auth/events.h"

#define ARENA_MAX (4U << 20)

/* An account takes more failures than a source: they are not its own. */
#define ACCOUNT_BURSTS 10
#define KNOWN_S        (30 * 24 * 3600U)

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
	judge_tell_brake(j, step);
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
	if (judge_is_held(j))
		return end(j, AUTH_STEP_WAIT);
	sasl = sasl_module();
	if (!sasl)
		judge_no_library(SASL_MODULE_FILE);
	if (!sasl || sasl->server_new(m->name, &judge_hooks, j, &j->sasl) < 0)
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
		yes = judge_check(j, n.p, p.p);
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
