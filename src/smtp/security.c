/* SPDX-License-Identifier: ISC */
/* STARTTLS (RFC 3207), AUTH (RFC 4954) and what EHLO says of them and of
 * REQUIRETLS (RFC 8689). What a client said before TLS does not count behind
 * it, and what it sent in the clear behind STARTTLS is never read. */
#include "smtp/session.h"

#include "smtp/events.h"

bool session_in_tls(const struct session *s)
{
	return s->tls.version[0] != '\0';
}

static bool tls_is_offered(const struct session *s)
{
	return s->hooks->starttls && !session_in_tls(s);
}

static const char *mechanisms(const struct session *s)
{
	const struct auth_hooks *auth = s->hooks->auth;

	return auth && s->login.n == 0 ? auth->mechanisms(auth->context) : "";
}

void session_put_security(struct session *s)
{
	const char *some = mechanisms(s);

	if (tls_is_offered(s))
		stream_put(s->d.stream, SLICE("250-STARTTLS\r\n"));
	if (some[0] != '\0')
		stream_printf(s->d.stream, "250-AUTH %s\r\n", some);
	if (session_in_tls(s))
		stream_put(s->d.stream, SLICE("250-REQUIRETLS\r\n"));
}

/* ---- STARTTLS ---- */

/* starttls = "STARTTLS" CRLF; RFC 3207 §4 */
void session_starttls(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	int r;

	if (slice_trim(args).n > 0) {
		session_answer(s, REPLY_SYNTAX, SLICE("nothing may follow"));
		return;
	}
	if (!s->hooks->starttls) {
		session_answer(s, REPLY_NOT_IMPLEMENTED, SLICE_NONE);
		return;
	}
	if (session_in_tls(s) || d->state != READY || s->login.n > 0) {
		session_answer(s, REPLY_NOT_NOW,
			       session_in_tls(s) ? SLICE("TLS is on already")
			       : s->login.n > 0
				       ? SLICE("you are logged in")
				       : SLICE("EHLO comes first, MAIL later"));
		return;
	}
	/* commands in the clear, meant to be taken for what TLS carried; also
	 * those that have come but are not read yet */
	if (stream_has_input(d->stream)) {
		session_close(s, REPLY_INJECTION);
		return;
	}
	if (s->hooks->tls_ready && s->hooks->tls_ready(s->hooks->context) < 0) {
		session_answer(s, REPLY_TLS_AGAIN, SLICE_NONE);
		return;
	}
	session_answer(s, REPLY_START_TLS, SLICE_NONE);
	r = s->hooks->starttls(s->hooks->context, d->stream, &s->tls);
	if (r == 0) {
		session_begin_anew(s);
		return;
	}
	s->tls = (struct tls_info){ 0 };
	s->error = r;
	d->over = true;
}

/* ---- AUTH ---- */

static void take_login(struct session *s, struct slice name)
{
	if (buf_put(&s->login, name) < 0) {
		session_answer(s, REPLY_LOGIN_AGAIN, SLICE_NONE);
		return;
	}
	s->may_relay = true;
	if (s->hooks->login)
		s->hooks->login(s->hooks->context, buf_slice(&s->login));
	guard_login(s);
	session_log(s, &smtp_event_login, SLICE_NONE, REPLY_LOGGED_IN);
	session_answer(s, REPLY_LOGGED_IN, SLICE_NONE);
}

static enum reply_id reply_of_step(enum auth_step step)
{
	switch (step) {
	case AUTH_STEP_NO:
		return REPLY_LOGIN_REFUSED;
	case AUTH_STEP_WAIT:
		return REPLY_LOGIN_WAIT;
	case AUTH_STEP_MALFORMED:
		return REPLY_LOGIN_MALFORMED;
	case AUTH_STEP_NO_MECHANISM:
		return REPLY_NO_MECHANISM;
	case AUTH_STEP_NEED_TLS:
		return REPLY_LOGIN_NEEDS_TLS;
	default:
		return REPLY_LOGIN_AGAIN;
	}
}

static void login_failed(struct session *s, enum reply_id reply)
{
	session_log(s, &smtp_event_login_failed, SLICE_NONE, reply);
	session_answer(s, reply, SLICE_NONE);
	if (reply == REPLY_LOGIN_REFUSED &&
	    ++s->logins_failed >= s->config->logins_max && !s->d.over)
		session_close(s, REPLY_TOO_MANY_ERRORS);
}

/* `said`: a challenge, or who it is */
static void go_on(struct session *s, enum auth_step step, struct slice said)
{
	s->d.state = READY;
	switch (step) {
	case AUTH_STEP_MORE:
		s->d.state = IN_LOGIN;
		/* longer than any line of ours may be, and nobody's words */
		stream_put(s->d.stream, SLICE("334 "));
		stream_put(s->d.stream, said);
		stream_put(s->d.stream, SLICE("\r\n"));
		break;
	case AUTH_STEP_YES:
		take_login(s, said);
		break;
	default:
		login_failed(s, reply_of_step(step));
		break;
	}
}

/* What stands against AUTH now; REPLY_OK: nothing. */
static struct verdict may_log_in(struct session *s)
{
	if (!s->hooks->auth)
		return (struct verdict){ .reply = REPLY_NOT_IMPLEMENTED };
	if (s->login.n > 0)
		return (struct verdict){ REPLY_NOT_NOW,
					 SLICE("you are logged in already") };
	if (s->d.state != READY || !s->esmtp)
		return (struct verdict){
			REPLY_NOT_NOW, SLICE("EHLO comes first, MAIL later")
		};
	if (s->config->need_tls && tls_is_offered(s))
		return (struct verdict){ .reply = REPLY_NEED_TLS };
	return (struct verdict){ .reply = REPLY_OK };
}

/* auth = "AUTH" SP mechanism [SP initial-response] CRLF; RFC 4954 §4 */
void session_auth(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct verdict v = may_log_in(s);
	struct slice mechanism, initial, said = SLICE_NONE;
	enum auth_step step;

	if (v.reply != REPLY_OK) {
		session_answer(s, v.reply, v.detail);
		return;
	}
	mechanism = slice_word(&args);
	initial = slice_word(&args);
	if (mechanism.n == 0 || slice_trim(args).n > 0) {
		session_answer(s, REPLY_SYNTAX,
			       SLICE("AUTH mechanism [response]"));
		return;
	}
	step = auth_begin(s->hooks->auth, mechanism, initial, &said);
	go_on(s, step, said);
}

/* What was no response. */
static void no_response(struct session *s, enum line_event event)
{
	s->d.state = READY;
	switch (event) {
	case LINE_OK:
		session_answer(s, REPLY_LOGIN_CANCELLED, SLICE_NONE);
		return;
	case LINE_TOO_LONG:
		session_answer(s, REPLY_LINE_TOO_LONG, SLICE_NONE);
		return;
	case LINE_BARE:
		session_close(s, REPLY_BARE_NEWLINE);
		break;
	case LINE_TIMEOUT:
		session_close(s, REPLY_TIMEOUT);
		break;
	case LINE_CANCELLED:
		session_close(s, REPLY_SHUTTING);
		break;
	case LINE_ERROR:
		s->error = -EIO;
		break;
	case LINE_EOF:
		break;
	}
	s->d.over = true;
}

void session_login_response(struct dialogue *d)
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
