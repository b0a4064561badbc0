/* SPDX-License-Identifier: ISC */
/* See client.h. */
#include "auth/client.h"

#include <gsasl.h>
#include <nettle/base64.h>

#define BINDING_MAX   64
#define CHALLENGE_MAX 8192

static const struct mechanism {
	const char *name;
	bool begins, binds;
} mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", true, true },
	{ "SCRAM-SHA-256", true, false },
	{ "PLAIN", true, false },
	{ "LOGIN", false, false },
};

struct auth_client {
	Gsasl *gsasl;
	Gsasl_session *sasl;
	const struct mechanism *mechanism;
	char *out; /* the last response; GNU SASL's */
	bool done;
};

static bool is_offered(struct slice offered, const char *name)
{
	struct slice word;

	while ((word = slice_word(&offered)).n > 0)
		if (slice_eq_nocase(word, slice_of(name)))
			return true;
	return false;
}

static const struct mechanism *choose(const struct auth_client_config *c)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if ((!mechanisms[i].binds || c->binding.n > 0) &&
		    is_offered(c->offered, mechanisms[i].name))
			return &mechanisms[i];
	return NULL;
}

static int set_binding(Gsasl_session *s, struct slice binding)
{
	char text[BASE64_ENCODE_RAW_LENGTH(BINDING_MAX) + 1];

	if (binding.n > BINDING_MAX)
		return GSASL_MALLOC_ERROR;
	base64_encode_raw(text, binding.n, (const uint8_t *)binding.p);
	text[BASE64_ENCODE_RAW_LENGTH(binding.n)] = '\0';
	return gsasl_property_set(s, GSASL_CB_TLS_EXPORTER, text);
}

static int set_up(struct auth_client *a, const struct auth_client_config *c)
{
	int r = gsasl_init(&a->gsasl);

	if (r == GSASL_OK)
		r = gsasl_client_start(a->gsasl, a->mechanism->name, &a->sasl);
	if (r == GSASL_OK)
		r = gsasl_property_set(a->sasl, GSASL_AUTHID, c->user);
	if (r == GSASL_OK)
		r = gsasl_property_set(a->sasl, GSASL_PASSWORD, c->password);
	/* without PLUS, GNU SASL 2.2 fails over one instead of saying "y" (RFC
	 * 5802 §6) */
	if (r == GSASL_OK && a->mechanism->binds)
		r = set_binding(a->sasl, c->binding);
	if (r == GSASL_UNKNOWN_MECHANISM)
		return -ENOTSUP;
	return r == GSASL_OK ? 0 : -ENOMEM;
}

int auth_client_new(const struct auth_client_config *config,
		    struct auth_client **ret)
{
	const struct mechanism *m = choose(config);
	struct auth_client *a;
	int r;

	if (!m)
		return -ENOTSUP;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->mechanism = m;
	r = set_up(a, config);
	if (r < 0) {
		auth_client_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
}

static void drop_response(struct auth_client *a)
{
	wipe(a->out);
	gsasl_free(a->out);
	a->out = NULL;
}

void auth_client_free(struct auth_client *a)
{
	if (!a)
		return;
	drop_response(a);
	if (a->sasl) {
		/* its own copy, which it frees as it is */
		wipe((char *)gsasl_property_fast(a->sasl, GSASL_PASSWORD));
		gsasl_finish(a->sasl);
	}
	if (a->gsasl)
		gsasl_done(a->gsasl);
	free(a);
}

const char *auth_client_mechanism(const struct auth_client *a)
{
	return a->mechanism->name;
}

bool auth_client_begins(const struct auth_client *a)
{
	return a->mechanism->begins;
}

int auth_client_step(struct auth_client *a, struct slice challenge,
		     struct slice *ret)
{
	char text[CHALLENGE_MAX];
	int r;

	/* when all is said there is nothing left to be asked */
	if (a->done || challenge.n >= sizeof(text))
		return -EPROTO;
	memcpy(text, challenge.n > 0 ? challenge.p : "", challenge.n);
	text[challenge.n] = '\0';
	drop_response(a);
	r = gsasl_step64(a->sasl, text, &a->out);
	if (r == GSASL_MALLOC_ERROR)
		return -ENOMEM;
	if (r != GSASL_OK && r != GSASL_NEEDS_MORE)
		return -EPROTO;
	a->done = r == GSASL_OK;
	*ret = slice_of(a->out ? a->out : "");
	return 0;
}

bool auth_client_done(const struct auth_client *a)
{
	return a->done;
}
