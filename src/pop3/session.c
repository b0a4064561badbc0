/* SPDX-License-Identifier: ISC */
/* See session.h. The session's life: greeting, commands, end. Deletes nothing
 * unless QUIT asks for it (RFC 1939 §6); says nothing when time is up (§3). */
#include "pop3/engine.h"

#include "base/clock.h"

void session_reply(struct session *s, enum pop3_reply id)
{
	const struct pop3_reply_row *row = pop3_reply_row(id);
	struct stream *out = s->dialogue.stream;

	stream_put(out, row->ok ? SLICE("+OK ") : SLICE("-ERR "));
	if (row->code)
		stream_printf(out, "[%s] ", row->code);
	stream_printf(out, "%s\r\n", row->text);
	if (row->ok || ++s->errors < POP3_ERRORS_MAX || s->dialogue.over)
		return;
	s->dialogue.over = true;
	session_reply(s, POP3_TOO_MANY_ERRORS);
}

void session_log(struct session *s, const struct log_kind *kind,
		 const struct log_field *more, size_t n)
{
	struct log_field fields[LOG_FIELDS_MAX] = {
		{ "SESSION", s->config->session },
		{ "PEER", s->config->peer_ip },
		{ "USER", buf_slice(&s->name) },
	};
	size_t at = 3;

	for (size_t i = 0; i < n && at < LOG_FIELDS_MAX; i++)
		fields[at++] = more[i];
	log_event(kind, fields, at);
}

/* ---- the loop's questions ---- */

static void before(struct dialogue *d)
{
	struct session *s = (struct session *)d;
	int64_t left_ms = 0;

	if (s->ends_ms > 0) {
		left_ms = s->ends_ms - clock_mono_ms();
		if (left_ms <= 0) {
			s->status = "timeout";
			d->over = true;
			return;
		}
	}
	stream_deadline(d->stream, s->config->idle_ms, left_ms);
}

static void trouble(struct dialogue *d, enum dialogue_trouble what,
		    struct slice verb)
{
	struct session *s = (struct session *)d;

	(void)verb;
	switch (what) {
	case DIALOGUE_UNKNOWN:
		session_reply(s, POP3_UNKNOWN);
		break;
	case DIALOGUE_WRONG_STATE:
		session_reply(s, POP3_WRONG_STATE);
		break;
	case DIALOGUE_TOO_LONG:
		session_reply(s, POP3_TOO_LONG);
		break;
	case DIALOGUE_BARE:
		s->status = "bare CR or LF";
		session_reply(s, POP3_BARE);
		break;
	case DIALOGUE_EOF:
		s->status = "closed";
		break;
	case DIALOGUE_TIMEOUT:
		s->status = "timeout";
		break;
	case DIALOGUE_CANCELLED:
	case DIALOGUE_ERROR:
		s->status = "connection lost";
		break;
	}
}

static const struct dialogue_mode modes[] = {
	{ RESPONDING, pop3_response },
	{ 0, NULL },
};

static const struct dialogue_protocol protocol = {
	.commands = pop3_commands,
	.modes = modes,
	.before = before,
	.trouble = trouble,
};

/* ---- birth and end ---- */

static void log_end(struct session *s)
{
	char read[24], octets[24], removed[24];

	if (!s->maildrop)
		return;
	(void)snprintf(read, sizeof(read), "%zu", s->read);
	(void)snprintf(octets, sizeof(octets), "%llu",
		       (unsigned long long)s->read_octets);
	(void)snprintf(removed, sizeof(removed), "%zu removed", s->removed);
	session_log(s, &pop3_event_logout,
		    (struct log_field[]){
			    { "STATUS", slice_of(s->status) },
			    { "COUNT", slice_of(read) },
			    { "SIZE", slice_of(octets) },
			    { "DETAIL", slice_of(removed) },
		    },
		    4);
}

static void done(struct session *s)
{
	log_end(s);
	maildrop_close(s->maildrop);
	free(s->deleted);
	buf_done(&s->name);
}

static void begin(struct session *s)
{
	const struct pop3_entrance *e = s->config->entrance;
	struct stream *out = s->dialogue.stream;

	if (!e) {
		stream_put(out, SLICE("+OK "));
		stream_put(out, s->config->host);
		stream_put(out, SLICE(" POP3 server ready\r\n"));
		return;
	}
	s->maildrop = e->maildrop;
	if (buf_put(&s->name, e->name) < 0)
		s->dialogue.over = true;
	else
		session_enter(s, e->fill);
}

int pop3_serve(struct stream *s, const struct pop3_config *c,
	       const struct pop3_hooks *h)
{
	struct session session = {
		.dialogue = { .stream = s,
			      .state = AUTHORIZATION,
			      .lenient = c->lenient,
			      .line_max = POP3_LINE_MAX },
		.config = c,
		.hooks = h,
		.name = BUF(POP3_LINE_MAX),
		.status = "error",
	};

	if (c->tls)
		session.tls = *c->tls;
	if (c->session_ms > 0)
		session.ends_ms = clock_mono_ms() + c->session_ms;
	begin(&session);
	dialogue_run(&session.dialogue, &protocol);
	done(&session);
	return stream_flush(s);
}

void pop3_refuse(struct stream *s, const char *text)
{
	stream_printf(s, "-ERR [SYS/TEMP] %s\r\n", text);
	/* the caller ends the connection whether or not it was heard */
	ignore(stream_flush(s));
}
