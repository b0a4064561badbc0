/* SPDX-License-Identifier: ISC */
/* See server.h. The loop around the commands: banner, deadlines, limits, what
 * is no SMTP, and the end. RFC 5321 §3.1, §4.3, §4.5.3. */
#include "smtp/session.h"

#include "base/clock.h"
#include "smtp/events.h"

/* RFC 5321 §4.5.3.1.4 has 512 octets; the parameters of RFC 3461 and 6531
 * make them more. */
#define COMMAND_LINE_MAX 4096
#define TRANSACTION_MAX  ((size_t)4 << 20)
#define HELO_MAX         255
#define LOGIN_MAX        320  /* a name, "@", a domain: RFC 5321 §4.5.3.1 */
#define TLS_HANDSHAKE    0x16 /* RFC 8446 §5.1: a record's first octet */

static const char *const roles[] = {
	[SMTP_MX] = "mx",
	[SMTP_SUBMISSION] = "submission",
	[SMTP_LOCAL] = "local",
};

void session_log(struct session *s, const struct log_kind *kind,
		 struct slice to, enum reply_id reply)
{
	char code[8], count[24], size[24];
	uint64_t n = kind == &smtp_event_end ? s->accepted : s->env.n_to;
	int code_n = snprintf(code, sizeof(code), "%u", reply_row(reply)->code);
	int count_n =
		snprintf(count, sizeof(count), "%llu", (unsigned long long)n);
	int size_n = snprintf(size, sizeof(size), "%llu",
			      (unsigned long long)s->env.octets);
	const struct log_field fields[] = {
		{ "SESSION", s->config->session },
		{ "PEER", s->config->peer_ip },
		{ "ROLE", slice_of(roles[s->config->role]) },
		{ "USER", buf_slice(&s->login) },
		{ "HELO", buf_slice(&s->helo) },
		{ "QUEUE_ID", s->env.id },
		{ "FROM", s->env.from },
		{ "TO", to },
		{ "COUNT", { count, (size_t)count_n } },
		{ "SIZE", { size, (size_t)size_n } },
		{ "REPLY", { code, (size_t)code_n } },
	};

	log_event(kind, fields, ARRAY_LEN(fields));
}

void session_close(struct session *s, enum reply_id reply)
{
	if (s->message.open)
		session_log(s, &smtp_event_refused, s->rcpt, reply);
	reply_put(s->d.stream, (struct verdict){ .reply = reply });
	s->last = reply;
	s->d.over = true;
}

void session_answer(struct session *s, enum reply_id reply, struct slice detail)
{
	bool error = reply_row(reply)->code >= 500;

	s->errors += error;
	if (error)
		guard_tarpit(s);
	reply_put(s->d.stream, (struct verdict){ reply, detail });
	s->last = reply;
	if (!error)
		return;
	if (s->errors > s->config->errors_max && !s->d.over)
		session_close(s, REPLY_TOO_MANY_ERRORS);
}

void session_reset(struct session *s)
{
	message_abort(s);
	arena_reset(s->arena);
	s->env = (struct envelope){ 0 };
	s->rcpts = 0;
	s->rcpt = SLICE_NONE;
	if (s->d.state != STRANGER)
		s->d.state = READY;
}

void session_begin_anew(struct session *s)
{
	buf_reset(&s->helo);
	s->esmtp = false;
	s->d.state = READY;
	session_reset(s);
	s->d.state = STRANGER;
}

/* Is this SMTP at all? A TLS greeting may hold no line end for us to see. */
static void opening(struct dialogue *d)
{
	struct session *s = (struct session *)d;
	ssize_t n = stream_fill(d->stream);

	d->state = STRANGER;
	if (n > 0 && stream_peek(d->stream).p[0] == TLS_HANDSHAKE)
		session_close(s, REPLY_NOT_SMTP);
	else if (n == -ETIMEDOUT)
		session_close(s, REPLY_TIMEOUT);
	else if (n == -ECANCELED)
		session_close(s, REPLY_SHUTTING);
	else if (n < 0)
		s->error = (int)n;
	d->over |= n <= 0;
}

static void before(struct dialogue *d)
{
	struct session *s = (struct session *)d;
	bool body = d->state & (IN_DATA | IN_CHUNK);
	int64_t whole = s->until_ms > 0 ? s->until_ms - clock_mono_ms() : 0;

	if (s->until_ms > 0 && whole <= 0) {
		session_close(s, REPLY_TIMEOUT);
		return;
	}
	if (body) {
		stream_deadline(d->stream, s->config->data_ms, whole);
		return;
	}
	if (whole == 0 ||
	    (s->config->command_ms > 0 && s->config->command_ms < whole))
		whole = s->config->command_ms;
	stream_deadline(d->stream, s->config->command_ms, whole);
	if (d->state & ANY && s->commands++ >= s->config->commands_max)
		session_close(s, REPLY_TOO_MANY_COMMANDS);
}

static struct slice what_is_missing(const struct session *s)
{
	switch (s->d.state) {
	case STRANGER:
		return SLICE("say EHLO first");
	case READY:
		return SLICE("MAIL comes first");
	case CHUNKED:
		return SLICE("more chunks are awaited");
	case FAILED:
		return SLICE("a chunk failed, send RSET");
	default:
		return SLICE("a transaction is under way");
	}
}

static void trouble(struct dialogue *d, enum dialogue_trouble what,
		    struct slice verb)
{
	struct session *s = (struct session *)d;

	switch (what) {
	case DIALOGUE_UNKNOWN:
		session_answer(s, REPLY_UNKNOWN, slice_upto(verb, 32));
		break;
	case DIALOGUE_WRONG_STATE:
		session_answer(s, REPLY_NOT_NOW, what_is_missing(s));
		break;
	case DIALOGUE_TOO_LONG:
		session_answer(s, REPLY_LINE_TOO_LONG, SLICE_NONE);
		break;
	case DIALOGUE_BARE:
		session_close(s, REPLY_BARE_NEWLINE);
		break;
	case DIALOGUE_TIMEOUT:
		session_close(s, REPLY_TIMEOUT);
		break;
	case DIALOGUE_CANCELLED:
		session_close(s, REPLY_SHUTTING);
		break;
	case DIALOGUE_ERROR:
		s->error = -EIO;
		break;
	case DIALOGUE_EOF:
		break;
	}
}

static const struct dialogue_mode modes[] = {
	{ OPENING, opening },
	{ IN_DATA, message_data },
	{ IN_CHUNK, message_chunk },
	{ IN_LOGIN, session_login_response },
	{ 0, NULL },
};

static const struct dialogue_protocol protocol = {
	.commands = session_commands,
	.modes = modes,
	.before = before,
	.trouble = trouble,
};

/* A client waits for the banner; what does not is a spammer's tool. Only on
 * the network: a pipe or a file is full from the start. */
static void wait_and_greet(struct session *s)
{
	const struct smtp_config *c = s->config;
	ssize_t n = -ETIMEDOUT;

	if (c->greet_wait_ms > 0 && !c->lenient && c->peer_ip.n > 0) {
		stream_deadline(s->d.stream, c->greet_wait_ms,
				c->greet_wait_ms);
		n = stream_fill(s->d.stream);
		/* what we are about to say has its own time */
		stream_deadline(s->d.stream, c->command_ms, c->command_ms);
	}
	if (n > 0) {
		session_close(s, REPLY_EARLY_TALKER);
	} else if (n == -ETIMEDOUT) {
		session_answer(s, REPLY_BANNER, c->host);
	} else if (n == -ECANCELED) {
		session_close(s, REPLY_SHUTTING);
	} else {
		s->error = (int)n;
		s->d.over = true;
	}
}

static void greet(struct session *s)
{
	struct verdict v = guard_connect(s);

	if (v.reply == REPLY_BANNER)
		wait_and_greet(s);
	else
		session_close(s, v.reply);
}

int smtp_serve(struct stream *stream, const struct smtp_config *c,
	       const struct smtp_hooks *h)
{
	struct session s = {
		.d = { .stream = stream,
		       .state = OPENING,
		       .lenient = c->lenient,
		       .line_max = h->auth ? AUTH_LINE_MAX : COMMAND_LINE_MAX },
		.config = c,
		.hooks = h,
		.arena = arena_new(TRANSACTION_MAX),
		.helo = BUF(HELO_MAX),
		.told_helo = BUF(HELO_MAX),
		.peer_name = BUF(HELO_MAX),
		.login = BUF(LOGIN_MAX),
		.may_relay = c->may_relay,
		.last = REPLY_BANNER,
	};
	int r;

	if (!s.arena)
		return -ENOMEM;
	if (c->tls)
		s.tls = *c->tls;
	/* the kernel's word for a name always fits */
	ignore(buf_put(&s.login, c->login));
	if (c->session_ms > 0)
		s.until_ms = clock_mono_ms() + c->session_ms;
	greet(&s);
	dialogue_run(&s.d, &protocol);
	r = stream_flush(stream);
	session_reset(&s);
	session_log(&s, &smtp_event_end, SLICE_NONE, s.last);
	buf_done(&s.helo);
	buf_done(&s.told_helo);
	buf_done(&s.peer_name);
	buf_done(&s.login);
	arena_free(s.arena);
	return s.error < 0 ? s.error : r;
}

void smtp_refuse(struct stream *s, struct slice host, enum reply_id why)
{
	reply_put(s, (struct verdict){ why, host });
	/* nobody is left to be told */
	ignore(stream_flush(s));
}
