/* SPDX-License-Identifier: ISC */
/* See serve.h. Who asks has been let in by the socket's owner; what he sends
 * came from strangers all the same. */
#include "auth/serve.h"

#include <syslog.h>

#include "auth/sasl.h"
#include "auth/wire.h"
#include "base/log.h"
#include "net/line.h"

#define LINE_ARENA ((size_t)64 << 10)
#define IDLE_MS    (10 * 60 * 1000) /* RFC 1939 §3: a session may think */

static const struct log_kind login_failed = {
	.id = "a1ce6c87cb7f4f7a9b9d6a3c1d4e9f01",
	.level = LOG_NOTICE,
	.text = "login failed",
};

struct serve {
	struct stream *stream;
	struct sasl *sasl;
	struct arena *line; /* of the line being answered */
	struct arena *ask;  /* of the exchange */
	struct slice service, peer, session;
	bool over;
};

static const char *const steps[] = {
	[AUTH_STEP_MORE] = "more",
	[AUTH_STEP_YES] = "yes",
	[AUTH_STEP_NO] = "no",
	[AUTH_STEP_AGAIN] = "again",
	[AUTH_STEP_WAIT] = "wait",
	[AUTH_STEP_MALFORMED] = "malformed",
	[AUTH_STEP_NO_MECHANISM] = "mechanism",
	[AUTH_STEP_NEED_TLS] = "tls",
};

static void log_failed(const struct serve *s, enum auth_step step)
{
	const struct log_field fields[] = {
		{ "SESSION", s->session },           { "PEER", s->peer },
		{ "USER", sasl_name(s->sasl) },      { "SERVICE", s->service },
		{ "STATUS", slice_of(steps[step]) },
	};

	log_event(&login_failed, fields, ARRAY_LEN(fields));
}

static int put_user(struct buf *b, const struct user *u)
{
	int r = wire_put(b, "name", u->name);

	if (r == 0)
		r = wire_put(b, "mailbox", u->mailbox);
	return r == 0 ? wire_put(b, "options", u->options) : r;
}

static void reply(struct serve *s, enum auth_step step, struct slice challenge)
{
	struct buf line = BUF(WIRE_LINE_MAX);
	int r = buf_put(&line, slice_of(steps[step]));

	if (r == 0 && step == AUTH_STEP_MORE)
		r = wire_put(&line, "challenge", challenge);
	if (r == 0 && step == AUTH_STEP_YES)
		r = put_user(&line, sasl_user(s->sasl));
	if (r == 0)
		r = buf_put_byte(&line, '\n');
	if (step == AUTH_STEP_NO || step == AUTH_STEP_WAIT)
		log_failed(s, step);
	stream_put(s->stream, r == 0 ? buf_slice(&line) : SLICE("again\n"));
	buf_done(&line);
}

/* A field of the exchange: "" where it is not there. */
static struct slice field(struct serve *s, struct slice fields, const char *key)
{
	struct slice value = SLICE("");

	if (wire_field(fields, key, s->ask, &value) < 0)
		s->over = true;
	return value;
}

static struct sasl_ask read_ask(struct serve *s, struct slice fields)
{
	struct sasl_ask ask;

	sasl_end(s->sasl);
	arena_reset(s->ask);
	s->peer = field(s, fields, "peer");
	s->session = field(s, fields, "session");
	ask = (struct sasl_ask){
		.mechanism = field(s, fields, "mechanism"),
		.service = field(s, fields, "service"),
		.binding = field(s, fields, "binding"),
		.external = field(s, fields, "external"),
		.plain = slice_eq(field(s, fields, "plain"), SLICE("yes")),
	};
	s->service = ask.service;
	return ask;
}

static void begin(struct serve *s, struct slice fields)
{
	struct sasl_ask ask = read_ask(s, fields);
	struct slice initial = SLICE_NONE, challenge = SLICE("");
	enum auth_step step;

	if (wire_field(fields, "initial", s->line, &initial) < 0)
		s->over = true;
	if (s->over)
		return;
	step = sasl_begin(s->sasl, &ask, initial, &challenge);
	reply(s, step, challenge);
}

static void next(struct serve *s, struct slice fields)
{
	struct slice response = SLICE(""), challenge = SLICE("");
	enum auth_step step;

	if (wire_field(fields, "response", s->line, &response) < 0) {
		s->over = true;
		return;
	}
	step = sasl_next(s->sasl, response, &challenge);
	reply(s, step, challenge);
}

static void password(struct serve *s, struct slice fields)
{
	struct sasl_ask ask = read_ask(s, fields);
	struct slice name = SLICE(""), secret = SLICE("");
	enum auth_step step;

	if (wire_field(fields, "name", s->line, &name) < 0 ||
	    wire_field(fields, "password", s->line, &secret) < 0)
		s->over = true;
	if (s->over)
		return;
	step = sasl_password(s->sasl, &ask, name, secret);
	if (secret.n > 0)
		explicit_bzero((char *)secret.p, secret.n);
	reply(s, step, SLICE_NONE);
}

static void cancel(struct serve *s, struct slice fields)
{
	(void)fields;
	sasl_end(s->sasl);
}

static const struct {
	const char *verb;
	void (*run)(struct serve *s, struct slice fields);
} verbs[] = {
	{ "begin", begin },
	{ "next", next },
	{ "password", password },
	{ "cancel", cancel },
};

/* What we do not understand is not from a handler of ours. */
static void one(struct serve *s)
{
	struct slice line, fields, verb;
	enum line_event event;

	stream_deadline(s->stream, IDLE_MS, 0);
	arena_reset(s->line);
	event = line_read(s->stream, WIRE_LINE_MAX, true, &line);
	if (event != LINE_OK) {
		s->over = true;
		return;
	}
	verb = wire_verb(line, &fields);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (slice_eq(verb, slice_of(verbs[i].verb))) {
			verbs[i].run(s, fields);
			explicit_bzero((char *)line.p, line.n);
			return;
		}
	s->over = true;
}

int auth_serve(struct stream *stream, const struct settings *settings)
{
	struct serve s = { .stream = stream,
			   .line = arena_new(LINE_ARENA),
			   .ask = arena_new(LINE_ARENA) };
	int r = s.line && s.ask ? sasl_new(settings, &s.sasl) : -ENOMEM;

	while (r == 0 && !s.over)
		one(&s);
	if (r == 0)
		r = stream_flush(stream);
	sasl_free(s.sasl);
	arena_free(s.line);
	arena_free(s.ask);
	return r;
}
