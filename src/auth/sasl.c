/* SPDX-License-Identifier: ISC */
/* See sasl.h. The only file that knows GNU SASL. */
#include "auth/sasl.h"

#include <gsasl.h>

#include "config.h"

struct sasl {
	Gsasl *gsasl;
	Gsasl_session *session;
	const struct sasl_hooks *hooks; /* the server's */
	void *context;
	char *out; /* what was said last; GNU SASL's */
	size_t out_n;
};

static void wipe(char *text, size_t n)
{
	if (text)
		explicit_bzero(text, n);
}

/* ---- what GNU SASL asks ---- */

static int set_base64(Gsasl_session *g, Gsasl_property what, const void *p,
		      size_t n)
{
	char *text = NULL;
	size_t text_n = 0;
	int r = gsasl_base64_to(p, n, &text, &text_n);

	if (r == GSASL_OK)
		r = gsasl_property_set(g, what, text);
	wipe(text, text_n);
	gsasl_free(text);
	return r;
}

static int set_keys(Gsasl_session *g, const struct scram_keys *k)
{
	char iterations[24];
	int r;

	(void)snprintf(iterations, sizeof(iterations), "%u",
		       (unsigned)k->iterations);
	r = gsasl_property_set(g, GSASL_SCRAM_ITER, iterations);
	if (r == GSASL_OK)
		r = set_base64(g, GSASL_SCRAM_SALT, k->salt, k->salt_n);
	if (r == GSASL_OK)
		r = set_base64(g, GSASL_SCRAM_SERVERKEY, k->server,
			       SCRAM_KEY_BYTES);
	return r != GSASL_OK ? r
			     : set_base64(g, GSASL_SCRAM_STOREDKEY, k->stored,
					  SCRAM_KEY_BYTES);
}

static int ask_keys(const struct sasl *s, Gsasl_session *g, const char *name,
		    const char *wanted)
{
	struct scram_keys keys;
	int r = GSASL_AUTHENTICATION_ERROR;

	if (name && s->hooks->keys(s->context, name, wanted, &keys)) {
		r = set_keys(g, &keys);
		explicit_bzero(&keys, sizeof(keys));
	}
	return r;
}

static int ask_binding(const struct sasl *s, Gsasl_session *g)
{
	struct slice binding = s->hooks->binding(s->context);

	return binding.n == 0
		       ? GSASL_NO_CB_TLS_EXPORTER
		       : set_base64(g, GSASL_CB_TLS_EXPORTER,
				    (const uint8_t *)binding.p, binding.n);
}

static int verdict(bool yes)
{
	return yes ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
}

static int asked(Gsasl *gsasl, Gsasl_session *g, Gsasl_property what)
{
	const struct sasl *s = gsasl_callback_hook_get(gsasl);
	const char *name = gsasl_property_fast(g, GSASL_AUTHID);
	const char *wanted = gsasl_property_fast(g, GSASL_AUTHZID);
	const char *password = gsasl_property_fast(g, GSASL_PASSWORD);

	switch (what) {
	case GSASL_VALIDATE_SIMPLE:
		return verdict(
			name && password &&
			s->hooks->password(s->context, name, wanted, password));
	case GSASL_VALIDATE_EXTERNAL:
		return verdict(s->hooks->proven(s->context, wanted));
	case GSASL_SCRAM_ITER:
	case GSASL_SCRAM_SALT:
		return ask_keys(s, g, name, wanted);
	case GSASL_CB_TLS_EXPORTER:
		return ask_binding(s, g);
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* ---- life ---- */

static void drop_out(struct sasl *s)
{
	wipe(s->out, s->out_n);
	gsasl_free(s->out);
	s->out = NULL;
	s->out_n = 0;
}

static void sasl_free(struct sasl *s)
{
	char *password;

	if (!s)
		return;
	drop_out(s);
	if (s->session) {
		/* its own copy, which it frees as it is */
		password =
			(char *)gsasl_property_fast(s->session, GSASL_PASSWORD);
		wipe(password, password ? strlen(password) : 0);
		gsasl_finish(s->session);
	}
	if (s->gsasl)
		gsasl_done(s->gsasl);
	free(s);
}

/* What begins with GNU SASL's r, which is looked at here. */
static int born(struct sasl *s, int r, struct sasl **ret)
{
	if (r != GSASL_OK) {
		sasl_free(s);
		return r == GSASL_UNKNOWN_MECHANISM ? -ENOTSUP : -ENOMEM;
	}
	*ret = s;
	return 0;
}

static int server_new(const char *mechanism, const struct sasl_hooks *hooks,
		      void *context, struct sasl **ret)
{
	struct sasl *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->hooks = hooks;
	s->context = context;
	r = gsasl_init(&s->gsasl);
	if (r == GSASL_OK) {
		gsasl_callback_set(s->gsasl, asked);
		gsasl_callback_hook_set(s->gsasl, s);
		r = gsasl_server_start(s->gsasl, mechanism, &s->session);
	}
	return born(s, r, ret);
}

static int client_new(const struct sasl_login *login, struct sasl **ret)
{
	struct sasl *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = gsasl_init(&s->gsasl);
	if (r == GSASL_OK)
		r = gsasl_client_start(s->gsasl, login->mechanism, &s->session);
	if (r == GSASL_OK)
		r = gsasl_property_set(s->session, GSASL_AUTHID, login->user);
	if (r == GSASL_OK)
		r = gsasl_property_set(s->session, GSASL_PASSWORD,
				       login->password);
	if (r == GSASL_OK && login->binding.n > 0)
		r = set_base64(s->session, GSASL_CB_TLS_EXPORTER,
			       login->binding.p, login->binding.n);
	return born(s, r, ret);
}

/* ---- the exchange ---- */

static enum sasl_step step_of(int r)
{
	switch (r) {
	case GSASL_OK:
		return SASL_DONE;
	case GSASL_NEEDS_MORE:
		return SASL_MORE;
	case GSASL_MALLOC_ERROR:
		return SASL_NO_MEMORY;
	case GSASL_BASE64_ERROR:
	case GSASL_MECHANISM_PARSE_ERROR:
		return SASL_MALFORMED;
	default:
		return SASL_NO;
	}
}

static enum sasl_step said(const struct sasl *s, int r, struct slice *ret)
{
	enum sasl_step step = step_of(r);

	if (step == SASL_DONE || step == SASL_MORE)
		*ret = s->out ? (struct slice){ s->out, s->out_n } : SLICE("");
	return step;
}

static enum sasl_step step(struct sasl *s, struct slice in, struct slice *ret)
{
	int r;

	drop_out(s);
	r = gsasl_step(s->session, in.p, in.n, &s->out, &s->out_n);
	return said(s, r, ret);
}

static enum sasl_step step64(struct sasl *s, const char *in, struct slice *ret)
{
	int r;

	drop_out(s);
	r = gsasl_step64(s->session, in, &s->out);
	s->out_n = s->out ? strlen(s->out) : 0;
	return said(s, r, ret);
}

/* ---- passwords ---- */

static int prepare(const char *text, char **ret)
{
	char *prepared = NULL;
	int r = gsasl_saslprep(text, 0, &prepared, NULL);

	if (r != GSASL_OK || !prepared)
		return r == GSASL_MALLOC_ERROR ? -ENOMEM : -EINVAL;
	*ret = prepared;
	return 0;
}

static void drop(char *prepared)
{
	wipe(prepared, strlen(prepared));
	gsasl_free(prepared);
}

const struct sasl_module postern_sasl = {
	.module = { PACKAGE_VERSION },
	.server_new = server_new,
	.client_new = client_new,
	.free = sasl_free,
	.step = step,
	.step64 = step64,
	.prepare = prepare,
	.drop = drop,
};
