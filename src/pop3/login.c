/* SPDX-License-Identifier: ISC */
/* USER and PASS: RFC 1939 §7, RFC 2449 §8, RFC 3206; AUTH: RFC 5034. What is
 * secret is handed to the hooks and wiped; it is never copied, logged or
 * kept. */
#include "pop3/engine.h"

#include <assert.h>

static void fail(struct session *s, enum pop3_reply why)
{
	const char *code = pop3_reply_row(why)->code;

	assert(code); /* every refused login says why */
	session_log(s, &pop3_event_login_failed,
		    &(struct log_field){ "STATUS", slice_of(code) }, 1);
	s->dialogue.state = AUTHORIZATION;
	s->logins_failed++;
	session_reply(s, why);
	if (s->logins_failed < s->config->logins_max || s->dialogue.over)
		return;
	s->dialogue.over = true;
	session_reply(s, POP3_TOO_MANY_LOGINS);
}

/* fill: "40 % of 1 GB", or nothing */
void session_enter(struct session *s, struct slice fill)
{
	size_t n = maildrop_count(s->maildrop);
	char count[24];

	s->deleted = calloc(n > 0 ? n : 1, sizeof(*s->deleted));
	if (!s->deleted) {
		maildrop_close(s->maildrop);
		s->maildrop = NULL;
		fail(s, POP3_SYS_TEMP);
		return;
	}
	session_undelete(s);
	s->dialogue.state = TRANSACTION;
	(void)snprintf(count, sizeof(count), "%zu", n);
	session_log(s, &pop3_event_login,
		    &(struct log_field){ "COUNT", slice_of(count) }, 1);
	stream_printf(s->dialogue.stream,
		      "+OK %zu %s (%zu new), %.*s%s%llu octets%s\r\n", n,
		      n == 1 ? "message" : "messages",
		      maildrop_unread(s->maildrop), SLICE_ARG(fill),
		      fill.n > 0 ? ", " : "",
		      (unsigned long long)s->left_octets,
		      maildrop_read_only(s->maildrop) ? ", read-only" : "");
}

/* USER name */
void pop3_cmd_user(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct slice name = slice_trim(args);

	d->state = AUTHORIZATION;
	buf_reset(&s->name);
	if (!s->hooks->plain_ok(s->hooks->context))
		session_reply(s, POP3_NEEDS_TLS);
	else if (name.n == 0)
		session_reply(s, POP3_NO_ARGUMENT);
	else if (buf_put(&s->name, name) < 0)
		session_reply(s, POP3_SYNTAX);
	else {
		d->state = NAMED;
		session_reply(s, POP3_NAME_TAKEN);
		if (s->hooks->auth->expect)
			s->hooks->auth->expect(s->hooks->auth->context);
	}
}

/* Who it is has been said: his maildrop. */
static void open_maildrop(struct session *s, struct slice name)
{
	struct slice fill = SLICE_NONE;

	buf_reset(&s->name);
	if (buf_put(&s->name, name) < 0) {
		fail(s, POP3_SYS_TEMP);
		return;
	}
	switch (s->hooks->enter(s->hooks->context, &s->maildrop, &fill)) {
	case POP3_LOGIN_OK:
		session_enter(s, fill);
		break;
	case POP3_LOGIN_AWAY:
		s->dialogue.over = true;
		break;
	case POP3_LOGIN_IN_USE:
		fail(s, POP3_IN_USE);
		break;
	case POP3_LOGIN_DELAY:
		fail(s, POP3_LOGIN_TOO_SOON);
		break;
	case POP3_LOGIN_TEMP:
		fail(s, POP3_SYS_TEMP);
		break;
	case POP3_LOGIN_PERM:
		fail(s, POP3_SYS_PERM);
		break;
	}
}

/* `said`: a challenge, or who it is */
static void go_on(struct session *s, enum auth_step step, struct slice said)
{
	s->dialogue.state = AUTHORIZATION;
	switch (step) {
	case AUTH_STEP_MORE:
		s->dialogue.state = RESPONDING;
		stream_put(s->dialogue.stream, SLICE("+ "));
		stream_put(s->dialogue.stream, said);
		stream_put(s->dialogue.stream, SLICE("\r\n"));
		break;
	case AUTH_STEP_YES:
		open_maildrop(s, said);
		break;
	case AUTH_STEP_NO:
		fail(s, POP3_AUTH);
		break;
	case AUTH_STEP_AGAIN:
		fail(s, POP3_AUTH_AGAIN);
		break;
	case AUTH_STEP_WAIT:
		fail(s, POP3_AUTH_WAIT);
		break;
	case AUTH_STEP_MALFORMED:
		session_reply(s, POP3_MALFORMED);
		break;
	case AUTH_STEP_NO_MECHANISM:
		session_reply(s, POP3_NO_MECHANISM);
		break;
	case AUTH_STEP_NEED_TLS:
		session_reply(s, POP3_NEEDS_TLS);
		break;
	}
}

/* PASS string: all that follows the one blank, further blanks included. */
void pop3_cmd_pass(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	const struct auth_hooks *auth = s->hooks->auth;
	struct slice said = SLICE_NONE;
	enum auth_step step =
		auth->password(auth->context, buf_slice(&s->name), args, &said);

	/* it lies in the stream's buffer, which outlives it */
	if (args.n > 0)
		explicit_bzero((char *)args.p, args.n);
	go_on(s, step, said);
}

/* ---- AUTH: RFC 5034 ---- */

/* Without a mechanism, as clients asked before there was CAPA. */
static void list_mechanisms(struct session *s)
{
	struct slice rest = slice_of(session_mechanisms(s)), word;

	if (rest.n == 0) {
		session_reply(s, POP3_NOT_OFFERED);
		return;
	}
	stream_put(s->dialogue.stream, SLICE("+OK ways to log in\r\n"));
	while ((word = slice_word(&rest)).n > 0)
		stream_printf(s->dialogue.stream, "%.*s\r\n", SLICE_ARG(word));
	stream_put(s->dialogue.stream, SLICE(".\r\n"));
}

/* AUTH mechanism [initial-response] */
void pop3_cmd_auth(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct slice mechanism = slice_word(&args);
	struct slice initial = slice_word(&args), said = SLICE_NONE;
	enum auth_step step;

	d->state = AUTHORIZATION;
	buf_reset(&s->name);
	if (!session_no_more(s, args))
		return;
	if (mechanism.n == 0) {
		list_mechanisms(s);
		return;
	}
	step = auth_begin(s->hooks->auth, mechanism, initial, &said);
	go_on(s, step, said);
}

/* What was no response. */
static void no_response(struct session *s, enum line_event event)
{
	s->dialogue.state = AUTHORIZATION;
	if (event == LINE_OK)
		session_reply(s, POP3_CANCELLED);
	else if (event == LINE_TOO_LONG)
		session_reply(s, POP3_TOO_LONG);
	else if (event == LINE_BARE)
		session_reply(s, POP3_BARE);
	if (event != LINE_OK && event != LINE_TOO_LONG)
		s->dialogue.over = true;
}

void pop3_response(struct dialogue *d)
{
	struct session *s = (struct session *)d;
	const struct auth_hooks *auth = s->hooks->auth;
	struct slice line, said = SLICE_NONE;
	enum line_event event = auth_read(auth, d->stream, d->lenient, &line);
	enum auth_step step;

	if (event != LINE_OK || !line.p) {
		no_response(s, event);
		return;
	}
	step = auth_next(auth, line, &said);
	go_on(s, step, said);
}
