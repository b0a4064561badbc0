/* SPDX-License-Identifier: ISC */
/* The one table of POP3's commands (RFC 1939, 2449, 6856), and those that
 * work on the list of messages. */
#include "pop3/engine.h"

#include <inttypes.h>

bool session_no_more(struct session *s, struct slice args)
{
	if (slice_trim(args).n == 0)
		return true;
	session_reply(s, POP3_SYNTAX);
	return false;
}

bool session_message(struct session *s, struct slice *args, size_t *ret_index)
{
	struct slice word = slice_word(args);
	enum pop3_reply why;
	uint64_t n;
	int r = slice_number(word, 1, maildrop_count(s->maildrop), &n);

	if (r == 0 && !s->deleted[n - 1]) {
		*ret_index = (size_t)n - 1;
		return true;
	}
	if (word.n == 0)
		why = POP3_NO_ARGUMENT;
	else if (r == -EINVAL)
		why = POP3_SYNTAX;
	else
		why = r < 0 ? POP3_NO_MESSAGE : POP3_IS_DELETED;
	session_reply(s, why);
	return false;
}

void session_undelete(struct session *s)
{
	s->left = maildrop_count(s->maildrop);
	s->left_octets = maildrop_total(s->maildrop);
	memset(s->deleted, 0, s->left * sizeof(*s->deleted));
}

static void say_left(struct session *s)
{
	stream_printf(s->dialogue.stream, "+OK %zu %s, %" PRIu64 " octets\r\n",
		      s->left, s->left == 1 ? "message" : "messages",
		      s->left_octets);
}

/* STAT */
static void cmd_stat(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;

	if (session_no_more(s, args))
		stream_printf(d->stream, "+OK %zu %" PRIu64 "\r\n", s->left,
			      s->left_octets);
}

/* The list of messages has become unreadable under our hands: no final dot
 * then, and the end. True: it has not. */
static bool still_sound(struct session *s)
{
	int error = maildrop_error(s->maildrop);

	if (error == 0)
		return true;
	session_log(s, &pop3_event_trouble,
		    &(struct log_field){ "DETAIL", slice_of(strerror(-error)) },
		    1);
	s->status = "index unreadable";
	s->dialogue.over = true;
	return false;
}

/* One line of LIST or UIDL. */
typedef void entry(struct session *s, size_t i);

static void entry_octets(struct session *s, size_t i)
{
	struct stream *out = s->dialogue.stream;

	stream_put_number(out, i + 1);
	stream_put(out, SLICE(" "));
	stream_put_number(out, maildrop_octets(s->maildrop, i));
	stream_put(out, SLICE("\r\n"));
}

static void entry_uid(struct session *s, size_t i)
{
	struct stream *out = s->dialogue.stream;

	stream_put_number(out, i + 1);
	stream_put(out, SLICE(" "));
	stream_put(out, slice_of(maildrop_uid(s->maildrop, i)));
	stream_put(out, SLICE("\r\n"));
}

static void listing(struct session *s, struct slice args, entry *give)
{
	struct stream *out = s->dialogue.stream;
	size_t i;

	if (slice_trim(args).n > 0) {
		if (!session_message(s, &args, &i) || !session_no_more(s, args))
			return;
		stream_put(out, SLICE("+OK "));
		give(s, i);
		return;
	}
	say_left(s);
	for (i = 0; i < maildrop_count(s->maildrop); i++)
		if (!s->deleted[i])
			give(s, i);
	if (still_sound(s))
		stream_put(out, SLICE(".\r\n"));
}

/* LIST [msg] */
static void cmd_list(struct dialogue *d, struct slice args)
{
	listing((struct session *)d, args, entry_octets);
}

/* UIDL [msg] */
static void cmd_uidl(struct dialogue *d, struct slice args)
{
	listing((struct session *)d, args, entry_uid);
}

/* DELE msg */
static void cmd_dele(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	size_t i;

	if (!session_message(s, &args, &i) || !session_no_more(s, args))
		return;
	s->deleted[i] = true;
	s->left--;
	s->left_octets -= maildrop_octets(s->maildrop, i);
	stream_printf(d->stream, "+OK message %zu will go at QUIT\r\n", i + 1);
}

/* NOOP */
static void cmd_noop(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;

	if (session_no_more(s, args))
		session_reply(s, POP3_NOTHING_DONE);
}

/* RSET */
static void cmd_rset(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;

	if (!session_no_more(s, args))
		return;
	session_undelete(s);
	say_left(s);
}

/* RFC 1939 §6, the UPDATE state. */
static enum pop3_reply update(struct session *s)
{
	int r = maildrop_expunge(s->maildrop, s->deleted);

	if (r == 0) {
		s->removed = maildrop_count(s->maildrop) - s->left;
		if (s->removed > 0 && s->hooks->decided)
			s->hooks->decided(s->hooks->context);
		return POP3_BYE;
	}
	session_log(s, &pop3_event_trouble,
		    &(struct log_field){ "DETAIL", slice_of(strerror(-r)) }, 1);
	return POP3_NOT_REMOVED;
}

/* What has been decided will be so, whatever happens: the client need not wait
 * until it is done, nor we (who have the mailbox locked) until he has read. */
static void finish(struct session *s)
{
	struct log_field why = { "DETAIL", SLICE_NONE };
	int r;

	stream_end(s->dialogue.stream);
	r = maildrop_finish(s->maildrop);
	if (r == 0)
		return;
	why.value = slice_of(strerror(-r));
	session_log(s, &pop3_event_unfinished, &why, 1);
}

/* QUIT */
static void cmd_quit(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;

	if (!session_no_more(s, args))
		return;
	s->status = "quit";
	d->over = true;
	session_reply(s, d->state == TRANSACTION ? update(s) : POP3_BYE);
	if (s->removed > 0)
		finish(s);
}

/* APOP would want passwords kept in the clear (RFC 1939 §7). */
static void cmd_not_offered(struct dialogue *d, struct slice args)
{
	(void)args;
	session_reply((struct session *)d, POP3_NOT_OFFERED);
}

#define BEFORE_LOGIN (AUTHORIZATION | NAMED)
#define ANY          (BEFORE_LOGIN | TRANSACTION)

/* clang-format off */
const struct dialogue_command pop3_commands[] = {
	{ .verb = "USER", .in = BEFORE_LOGIN, .run = pop3_cmd_user },
	{ .verb = "PASS", .in = NAMED,        .run = pop3_cmd_pass },
	{ .verb = "APOP", .in = BEFORE_LOGIN, .run = cmd_not_offered },
	{ .verb = "AUTH", .in = BEFORE_LOGIN, .run = pop3_cmd_auth },
	{ .verb = "STLS", .in = BEFORE_LOGIN, .run = pop3_cmd_stls },
	{ .verb = "UTF8", .in = BEFORE_LOGIN, .run = pop3_cmd_utf8 },
	{ .verb = "LANG", .in = ANY,          .run = pop3_cmd_lang },
	{ .verb = "CAPA", .in = ANY,          .run = pop3_cmd_capa },
	{ .verb = "STAT", .in = TRANSACTION,  .run = cmd_stat },
	{ .verb = "LIST", .in = TRANSACTION,  .run = cmd_list },
	{ .verb = "UIDL", .in = TRANSACTION,  .run = cmd_uidl },
	{ .verb = "RETR", .in = TRANSACTION,  .run = pop3_cmd_retr },
	{ .verb = "TOP",  .in = TRANSACTION,  .run = pop3_cmd_top },
	{ .verb = "DELE", .in = TRANSACTION,  .run = cmd_dele },
	{ .verb = "NOOP", .in = TRANSACTION,  .run = cmd_noop },
	{ .verb = "RSET", .in = TRANSACTION,  .run = cmd_rset },
	{ .verb = "QUIT", .in = ANY,          .run = cmd_quit },
	{ .verb = NULL },
};
/* clang-format on */
