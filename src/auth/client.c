/* SPDX-License-Identifier: ISC */
/* See client.h. */
#include "auth/client.h"

#include "auth/sasl.h"

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
	const struct sasl_module *module;
	struct sasl *sasl;
	const struct mechanism *mechanism;
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

static int set_up(struct auth_client *a, const struct auth_client_config *c)
{
	const struct sasl_login login = {
		.mechanism = a->mechanism->name,
		.user = c->user,
		.password = c->password,
		/* without PLUS, GNU SASL 2.2 fails over one instead of saying
		 * "y" (RFC 5802 §6) */
		.binding = a->mechanism->binds ? c->binding : SLICE(""),
	};

	a->module = sasl_module();
	return a->module ? a->module->client_new(&login, &a->sasl) : -ENOENT;
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

void auth_client_free(struct auth_client *a)
{
	if (!a)
		return;
	if (a->sasl)
		a->module->free(a->sasl);
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
	enum sasl_step step;

	/* when all is said there is nothing left to be asked */
	if (a->done || challenge.n >= sizeof(text))
		return -EPROTO;
	memcpy(text, challenge.n > 0 ? challenge.p : "", challenge.n);
	text[challenge.n] = '\0';
	step = a->module->step64(a->sasl, text, ret);
	if (step == SASL_NO_MEMORY)
		return -ENOMEM;
	if (step != SASL_DONE && step != SASL_MORE)
		return -EPROTO;
	a->done = step == SASL_DONE;
	return 0;
}

bool auth_client_done(const struct auth_client *a)
{
	return a->done;
}
