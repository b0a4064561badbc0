/* SPDX-License-Identifier: ISC */
/* See sasl.h. Must never tell an unknown user from a wrong password. */
#include "auth/sasl.h"

#include <gsasl.h>
#include <nettle/base64.h>
#include <sys/random.h>

#include "auth/auth.h"
#include "auth/scram.h"
#include "base/digest.h"

#define EXCHANGE_MAX    ((size_t)256 << 10)
#define NAME_MAX_OCTETS 320

struct sasl {
	const struct settings *settings;
	Gsasl *library;
	Gsasl_session *session; /* NULL: none is under way */
	char *said;             /* by the library, to be freed */
	struct arena *arena;    /* the exchange's */
	struct sasl_ask ask;
	bool first;    /* nothing has been taken from the client yet */
	bool finished; /* it was right; an empty response is yet to come */
	enum auth_step outcome; /* of a password that was looked at */
	char name[NAME_MAX_OCTETS + 1];
	struct user user;
	char seed[32]; /* what unknown users' salts are made of */
};

/* ---- secrets ---- */

static bool take_name(struct sasl *s, const char *name)
{
	size_t n = name ? strlen(name) : 0;

	if (n == 0 || n > NAME_MAX_OCTETS)
		return false;
	memcpy(s->name, name, n + 1);
	return true;
}

/* RFC 4422 §3.4.1: who acts for somebody else is not served here. */
static bool acts_for_himself(struct sasl *s)
{
	const char *as = gsasl_property_fast(s->session, GSASL_AUTHZID);
	struct slice name = slice_of(s->name);

	return !as || as[0] == '\0' || slice_eq_nocase(slice_of(as), name);
}

static int check_simple(struct sasl *s)
{
	const char *password = gsasl_property_fast(s->session, GSASL_PASSWORD);

	if (!take_name(s, gsasl_property_fast(s->session, GSASL_AUTHID)) ||
	    !password || !acts_for_himself(s))
		return GSASL_AUTHENTICATION_ERROR;
	s->outcome = auth_check(s->settings, slice_of(s->name),
				slice_of(password), s->arena, &s->user);
	return s->outcome == AUTH_STEP_YES ? GSASL_OK
					   : GSASL_AUTHENTICATION_ERROR;
}

static int check_external(struct sasl *s)
{
	char name[NAME_MAX_OCTETS + 1];

	if (s->ask.external.n == 0 || s->ask.external.n > NAME_MAX_OCTETS)
		return GSASL_AUTHENTICATION_ERROR;
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(s->ask.external));
	if (!take_name(s, name) || !acts_for_himself(s))
		return GSASL_AUTHENTICATION_ERROR;
	s->outcome =
		auth_known(s->settings, slice_of(s->name), s->arena, &s->user);
	return s->outcome == AUTH_STEP_YES ? GSASL_OK
					   : GSASL_AUTHENTICATION_ERROR;
}

/* The same salt for the same name each time, as a user's is: else the answer
 * would tell who exists. */
static void invent(struct sasl *s, struct scram *ret)
{
	struct digest d;
	char hex[65];

	digest_start(&d);
	digest_add(&d, (struct slice){ s->seed, sizeof(s->seed) });
	digest_add(&d, slice_of(s->name));
	digest_hex(&d, hex, 32);
	(void)snprintf(ret->iterations, sizeof(ret->iterations), "65536");
	base64_encode_raw(ret->salt, 16, (const uint8_t *)hex);
	ret->salt[BASE64_ENCODE_RAW_LENGTH(16)] = '\0';
	base64_encode_raw(ret->stored, 32, (const uint8_t *)hex + 32);
	ret->stored[BASE64_ENCODE_RAW_LENGTH(32)] = '\0';
	memcpy(ret->server, ret->stored, sizeof(ret->server));
}

static int give_scram(struct sasl *s)
{
	struct scram keys;

	if (!take_name(s, gsasl_property_fast(s->session, GSASL_AUTHID)))
		return GSASL_AUTHENTICATION_ERROR;
	s->outcome = auth_scram(s->settings, slice_of(s->name), s->arena,
				&s->user, &keys);
	if (s->outcome == AUTH_STEP_AGAIN || s->outcome == AUTH_STEP_WAIT)
		return GSASL_AUTHENTICATION_ERROR;
	if (s->outcome != AUTH_STEP_YES)
		invent(s, &keys);
	gsasl_property_set(s->session, GSASL_SCRAM_ITER, keys.iterations);
	gsasl_property_set(s->session, GSASL_SCRAM_SALT, keys.salt);
	gsasl_property_set(s->session, GSASL_SCRAM_STOREDKEY, keys.stored);
	gsasl_property_set(s->session, GSASL_SCRAM_SERVERKEY, keys.server);
	explicit_bzero(&keys, sizeof(keys));
	return GSASL_OK;
}

static int give_binding(struct sasl *s)
{
	if (s->ask.binding.n == 0)
		return GSASL_NO_CB_TLS_EXPORTER;
	gsasl_property_set_raw(s->session, GSASL_CB_TLS_EXPORTER,
			       s->ask.binding.p, s->ask.binding.n);
	return GSASL_OK;
}

/* What the library asks for while an exchange goes on. */
static int answer(Gsasl *library, Gsasl_session *session, Gsasl_property what)
{
	struct sasl *s = gsasl_callback_hook_get(library);

	(void)session;
	switch (what) {
	case GSASL_VALIDATE_SIMPLE:
		return check_simple(s);
	case GSASL_VALIDATE_EXTERNAL:
		return check_external(s);
	case GSASL_SCRAM_ITER:
	case GSASL_SCRAM_SALT:
	case GSASL_SCRAM_STOREDKEY:
	case GSASL_SCRAM_SERVERKEY:
		return give_scram(s);
	case GSASL_CB_TLS_EXPORTER:
		return give_binding(s);
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* ---- the library ---- */

int sasl_new(const struct settings *settings, struct sasl **ret)
{
	struct sasl *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->settings = settings;
	s->arena = arena_new(EXCHANGE_MAX);
	if (!s->arena || gsasl_init(&s->library) != GSASL_OK ||
	    getrandom(s->seed, sizeof(s->seed), 0) != sizeof(s->seed)) {
		sasl_free(s);
		return -EIO;
	}
	gsasl_callback_hook_set(s->library, s);
	gsasl_callback_set(s->library, answer);
	*ret = s;
	return 0;
}

void sasl_end(struct sasl *s)
{
	if (s->session)
		gsasl_finish(s->session);
	if (s->said)
		gsasl_free(s->said);
	s->session = NULL;
	s->said = NULL;
	s->finished = false;
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
	sasl_end(s);
	if (s->library)
		gsasl_done(s->library);
	arena_free(s->arena);
	free(s);
}

struct slice sasl_name(const struct sasl *s)
{
	return slice_of(s->name);
}

const struct user *sasl_user(const struct sasl *s)
{
	return &s->user;
}

/* ---- mechanisms ---- */

enum needs { NEEDS_PLAIN = 1, NEEDS_BINDING = 2, NEEDS_EXTERNAL = 4 };

static const struct {
	const char *name;
	unsigned needs;
	bool server_first;
} mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", NEEDS_BINDING, false },
	{ "SCRAM-SHA-256", 0, false },
	{ "PLAIN", NEEDS_PLAIN, false },
	{ "LOGIN", NEEDS_PLAIN, true },
	{ "EXTERNAL", NEEDS_EXTERNAL, false },
};

static size_t find(const struct sasl *s, struct slice name)
{
	struct slice on = s->settings->auth.mechanisms, word;
	size_t i = 0;

	while (i < ARRAY_LEN(mechanisms) &&
	       !slice_eq_nocase(slice_of(mechanisms[i].name), name))
		i++;
	while ((word = slice_word(&on)).n > 0)
		if (slice_eq_nocase(word, name))
			return i;
	return ARRAY_LEN(mechanisms);
}

/* ---- the exchange ---- */

static enum auth_step step_of_error(const struct sasl *s, int error)
{
	switch (error) {
	case GSASL_BASE64_ERROR:
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
		return AUTH_STEP_MALFORMED;
	case GSASL_MALLOC_ERROR:
	case GSASL_CRYPTO_ERROR:
		return AUTH_STEP_AGAIN;
	default:
		break;
	}
	return s->outcome == AUTH_STEP_AGAIN || s->outcome == AUTH_STEP_WAIT
		       ? s->outcome
		       : AUTH_STEP_NO;
}

static enum auth_step end(struct sasl *s, enum auth_step step)
{
	sasl_end(s);
	return step;
}

/* It was right. SCRAM's last word still has to be said: neither SMTP nor POP3
 * has a place for it beside success (RFC 4954 §4, RFC 5034 §4). */
static enum auth_step succeed(struct sasl *s, struct slice *ret)
{
	if (s->outcome != AUTH_STEP_YES || !acts_for_himself(s))
		return end(s, AUTH_STEP_NO);
	if (!s->said || s->said[0] == '\0')
		return end(s, AUTH_STEP_YES);
	s->finished = true;
	*ret = slice_of(s->said);
	return AUTH_STEP_MORE;
}

/* A client that believes we know no binding, though we offered it: somebody
 * in between took it out of the list (RFC 5802 §6). */
static bool is_downgraded(const struct sasl *s, const char *response)
{
	/* "y,," in base64 begins with eSw */
	return s->first && s->ask.binding.n > 0 &&
	       slice_eq_nocase(s->ask.mechanism, SLICE("SCRAM-SHA-256")) &&
	       strncmp(response, "eSw", 3) == 0;
}

static enum auth_step take(struct sasl *s, const char *response,
			   struct slice *ret)
{
	int r;

	if (is_downgraded(s, response))
		return end(s, AUTH_STEP_NO);
	s->first = false;
	if (s->said)
		gsasl_free(s->said);
	s->said = NULL;
	r = gsasl_step64(s->session, response, &s->said);
	if (r == GSASL_OK)
		return succeed(s, ret);
	if (r != GSASL_NEEDS_MORE)
		return end(s, step_of_error(s, r));
	*ret = s->said ? slice_of(s->said) : SLICE("");
	return AUTH_STEP_MORE;
}

/* base64 as the library wants it: "=" is an empty response. */
static enum auth_step take_slice(struct sasl *s, struct slice response,
				 struct slice *ret)
{
	char *text;
	enum auth_step step;

	if (slice_eq(response, SLICE("=")))
		response = SLICE("");
	if (memchr(response.p ? response.p : "", '\0', response.n))
		return end(s, AUTH_STEP_MALFORMED);
	text = strndup(response.p ? response.p : "", response.n);
	if (!text)
		return end(s, AUTH_STEP_AGAIN);
	step = take(s, text, ret);
	explicit_bzero(text, strlen(text));
	free(text);
	return step;
}

static void forget(struct sasl *s, const struct sasl_ask *ask)
{
	sasl_end(s);
	arena_reset(s->arena);
	s->name[0] = '\0';
	s->user = (struct user){ .name = SLICE_NONE };
	s->outcome = AUTH_STEP_NO;
	s->first = true;
	s->ask = *ask;
}

static enum auth_step may_begin(const struct sasl *s, size_t i)
{
	const struct sasl_ask *a = &s->ask;
	unsigned needs;

	if (i == ARRAY_LEN(mechanisms))
		return AUTH_STEP_NO_MECHANISM;
	needs = mechanisms[i].needs;
	if (needs & NEEDS_PLAIN && !a->plain)
		return AUTH_STEP_NEED_TLS;
	if ((needs & NEEDS_BINDING && a->binding.n == 0) ||
	    (needs & NEEDS_EXTERNAL && a->external.n == 0))
		return AUTH_STEP_NO_MECHANISM;
	return AUTH_STEP_MORE;
}

enum auth_step sasl_begin(struct sasl *s, const struct sasl_ask *ask,
			  struct slice initial, struct slice *ret_challenge)
{
	size_t i = find(s, ask->mechanism);
	enum auth_step step;

	forget(s, ask);
	*ret_challenge = SLICE("");
	step = may_begin(s, i);
	if (step != AUTH_STEP_MORE)
		return step;
	if (gsasl_server_start(s->library, mechanisms[i].name, &s->session) !=
	    GSASL_OK) {
		s->session = NULL;
		return AUTH_STEP_AGAIN;
	}
	if (mechanisms[i].server_first) {
		step = take(s, "", ret_challenge);
		s->first = true;
		if (step != AUTH_STEP_MORE)
			return step;
	}
	return initial.p ? take_slice(s, initial, ret_challenge)
			 : AUTH_STEP_MORE;
}

enum auth_step sasl_next(struct sasl *s, struct slice response,
			 struct slice *ret_challenge)
{
	*ret_challenge = SLICE("");
	if (s->finished)
		return end(s, response.n == 0 || slice_eq(response, SLICE("="))
				      ? AUTH_STEP_YES
				      : AUTH_STEP_MALFORMED);
	if (!s->session)
		return AUTH_STEP_MALFORMED;
	return take_slice(s, response, ret_challenge);
}

enum auth_step sasl_password(struct sasl *s, const struct sasl_ask *ask,
			     struct slice name, struct slice password)
{
	char text[NAME_MAX_OCTETS + 1];

	forget(s, ask);
	if (!ask->plain)
		return AUTH_STEP_NEED_TLS;
	if (name.n == 0 || name.n > NAME_MAX_OCTETS ||
	    memchr(name.p, '\0', name.n))
		return AUTH_STEP_NO;
	(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(name));
	if (!take_name(s, text))
		return AUTH_STEP_NO;
	s->outcome = auth_check(s->settings, slice_of(s->name), password,
				s->arena, &s->user);
	return s->outcome;
}
