/* SPDX-License-Identifier: ISC */
/* USER and PASS: RFC 1939 §7, RFC 2449 §8, RFC 3206. The password is handed
 * to the hook and wiped; it is never copied, logged or kept. */
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
static void enter(struct session *s, struct slice fill)
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
		      "+OK %zu messages (%zu new), %.*s%s%llu octets%s\r\n", n,
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
	if (!s->config->plain_ok)
		session_reply(s, POP3_NEEDS_TLS);
	else if (name.n == 0)
		session_reply(s, POP3_NO_ARGUMENT);
	else if (buf_put(&s->name, name) < 0)
		session_reply(s, POP3_SYNTAX);
	else {
		d->state = NAMED;
		session_reply(s, POP3_NAME_TAKEN);
	}
}

/* PASS string: all that follows the one blank, further blanks included. */
void pop3_cmd_pass(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct maildrop *maildrop = NULL;
	struct slice fill = SLICE_NONE;
	enum pop3_login login = s->hooks->login(
		s->hooks->context, buf_slice(&s->name), args, &maildrop, &fill);

	/* it lies in the stream's buffer, which outlives it */
	explicit_bzero((void *)args.p, args.n);
	switch (login) {
	case POP3_LOGIN_OK:
		s->maildrop = maildrop;
		enter(s, fill);
		break;
	case POP3_LOGIN_NO:
		fail(s, POP3_AUTH);
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
