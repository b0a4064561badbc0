/* SPDX-License-Identifier: ISC */
/* RETR and TOP: RFC 1939 §5 and §7. A message streams through in large pieces.
 * Must never end with the final dot a message that was not read to its end:
 * the client would take the rest for lost and delete it. */
#include "pop3/engine.h"

struct retrieval {
	struct stream *out;
	uint64_t octets; /* to be said in the reply */
	bool begun;
};

static void begin(struct retrieval *r)
{
	if (r->begun)
		return;
	r->begun = true;
	stream_printf(r->out, "+OK %llu octets\r\n",
		      (unsigned long long)r->octets);
}

/* mboxrd_out */
static int pass(void *context, struct slice bytes)
{
	struct retrieval *r = context;

	begin(r);
	stream_put(r->out, bytes);
	return 0;
}

static void report(struct session *s, int error)
{
	session_log(s, &pop3_event_trouble,
		    &(struct log_field){ "DETAIL", slice_of(strerror(-error)) },
		    1);
}

static bool give(struct session *s, size_t i, size_t body_lines)
{
	struct retrieval r = { .out = s->dialogue.stream,
			       .octets = maildrop_octets(s->maildrop, i) };
	int error = maildrop_send(s->maildrop, i, body_lines, pass, &r);

	if (error < 0) {
		report(s, error);
		if (!r.begun) {
			session_reply(s, POP3_CANNOT_READ);
			return false;
		}
		s->status = "mailbox changed or unreadable";
		s->dialogue.over = true;
		return false;
	}
	begin(&r);
	stream_put(r.out, SLICE(".\r\n"));
	return true;
}

/* RETR msg */
void pop3_cmd_retr(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	size_t i;

	if (!session_message(s, &args, &i) || !session_no_more(s, args))
		return;
	if (!give(s, i, SIZE_MAX))
		return;
	s->read++;
	s->read_octets += maildrop_octets(s->maildrop, i);
}

/* TOP msg n */
void pop3_cmd_top(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct slice number;
	uint64_t lines;
	size_t i;

	if (!session_message(s, &args, &i))
		return;
	number = slice_word(&args);
	if (number.n == 0)
		session_reply(s, POP3_NO_ARGUMENT);
	else if (slice_number(number, 0, SIZE_MAX - 1, &lines) < 0)
		session_reply(s, POP3_SYNTAX);
	else if (session_no_more(s, args))
		(void)give(s, i, (size_t)lines);
}
