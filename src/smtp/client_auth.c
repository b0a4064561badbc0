/* SPDX-License-Identifier: ISC */
/* See client.h: AUTH as a client, RFC 4954. Nothing of it is ever kept, and
 * nothing goes through the clear. */
#include "smtp/client_engine.h"

#include "auth/client.h"

#define STEPS_MAX 8

/* RFC 3463 §3.8, X.7.8: credentials invalid (RFC 5248). Never for good: it is
 * ours to mend, not the sender's. */
static struct outcome no_login(struct smtp_client *c, const char *why,
			       struct slice text)
{
	struct outcome o = client_outcome("4.7.8", why);
	struct slice both;

	if (text.n == 0)
		return o;
	both = arena_printf(c->arena, "%s: %.*s", why, SLICE_ARG(text));
	if (both.p)
		o.text = both;
	return o;
}

static struct outcome judge(struct smtp_client *c, const struct auth_client *a,
			    const struct reply *r)
{
	struct outcome o;

	if (r->code == 235 && auth_client_done(a))
		return (struct outcome){ .kind = OUTCOME_OK };
	if (r->code == 235 || r->code == 421)
		c->broken = true;
	if (r->code == 235)
		return no_login(c,
				"the host did not prove that it knows the "
				"password",
				SLICE_NONE);
	c->login_refused = r->code == 535;
	o = no_login(c, "the login was refused", client_text(c, r));
	if (r->code < 500) /* 454, 421: their trouble */
		(void)snprintf(o.status, sizeof(o.status), "4.7.0");
	return o;
}

/* 334 and a challenge: the answer, or "*" (RFC 4954 §4). False: given up. */
static bool answer(struct smtp_client *c, struct auth_client *a,
		   const struct reply *r)
{
	struct slice response;

	if (auth_client_step(a, slice_trim(buf_slice(&r->text)), &response) <
	    0) {
		stream_put(c->stream, SLICE("*\r\n"));
		return false;
	}
	stream_put(c->stream, response);
	stream_put(c->stream, SLICE("\r\n"));
	return true;
}

static int hear(struct smtp_client *c, struct reply *ret)
{
	stream_deadline(c->stream, WAIT_COMMAND_MS, WAIT_COMMAND_MS);
	return reply_read(c->stream, ret);
}

static struct outcome converse(struct smtp_client *c, struct auth_client *a)
{
	struct outcome o = no_login(c, "the login does not end", SLICE_NONE);
	bool going = true, given_up = false;

	for (int i = 0; going && i < STEPS_MAX; i++) {
		struct reply r = { 0 };
		int error = hear(c, &r);

		if (error < 0)
			return client_lost(c, error);
		going = r.code == 334 && !given_up;
		given_up = given_up || (going && !answer(c, a, &r));
		if (given_up)
			o = no_login(c, "the host's challenge is not right",
				     SLICE_NONE);
		else if (!going)
			o = judge(c, a, &r);
		reply_done(&r);
	}
	/* out of step, or somebody else */
	c->broken = c->broken || going || given_up;
	return o;
}

static struct outcome begin(struct smtp_client *c, struct auth_client *a)
{
	struct slice initial = SLICE_NONE;

	if (auth_client_begins(a) &&
	    auth_client_step(a, SLICE_NONE, &initial) < 0)
		return no_login(c, "user or password cannot be sent",
				SLICE_NONE);
	stream_printf(c->stream, "AUTH %s", auth_client_mechanism(a));
	if (auth_client_begins(a)) {
		stream_put(c->stream, SLICE(" "));
		stream_put(c->stream, initial.n > 0 ? initial : SLICE("="));
	}
	stream_put(c->stream, SLICE("\r\n"));
	return converse(c, a);
}

static bool is_scram(const struct auth_client *a)
{
	return slice_starts(slice_of(auth_client_mechanism(a)),
			    SLICE("SCRAM-"));
}

static bool offers_plain(struct slice offered)
{
	struct slice word;

	while ((word = slice_word(&offered)).n > 0)
		if (slice_eq_nocase(word, SLICE("PLAIN")))
			return true;
	return false;
}

static const char *why_none(int error)
{
	switch (error) {
	case -ENOTSUP:
		return "the host offers no login of ours";
	case -ENOENT:
		return "postern-sasl.so is missing, or of another version";
	default:
		return "out of memory";
	}
}

/* One attempt. *ret_refused: by SCRAM, with a no. */
static struct outcome attempt(struct smtp_client *c,
			      const struct auth_client_config *config,
			      bool *ret_refused)
{
	struct auth_client *a = NULL;
	struct outcome o;
	int r = auth_client_new(config, &a);

	c->login_refused = *ret_refused = false;
	if (r < 0)
		return no_login(c, why_none(r),
				r == -ENOTSUP ? config->offered : SLICE_NONE);
	o = begin(c, a);
	*ret_refused = c->login_refused && !c->broken && is_scram(a);
	auth_client_free(a);
	return o;
}

/* Hosts offer SCRAM to who has no keys for it there; then the same password
 * goes as it is, within TLS, as it would to a host that offers PLAIN alone. */
struct outcome smtp_client_login(struct smtp_client *c, const char *user,
				 const char *password)
{
	struct auth_client_config config = {
		.user = user,
		.password = password,
		.offered = slice_of(c->mechanisms),
		.binding = { (const char *)c->tls.binding, c->tls.binding_n },
	};
	bool refused;
	struct outcome o;

	arena_reset(c->arena);
	if (!c->in_tls)
		return no_login(c, "no login without TLS", SLICE_NONE);
	o = attempt(c, &config, &refused);
	if (!refused || !offers_plain(config.offered))
		return o;
	config.offered = SLICE("PLAIN");
	return attempt(c, &config, &refused);
}
