/* SPDX-License-Identifier: ISC */
/* RETR and TOP: RFC 1939 §5 and §7. A message streams through in pieces, with
 * a dot put before lines that begin with one (§3). Must never end with the
 * final dot a message that was not read to its end: the client would take the
 * rest for lost and delete it. */
#include "pop3/engine.h"

struct retrieval {
	struct stream *out;
	uint64_t octets; /* to be said in the reply */
	bool begun;
	bool mid_line;
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
static int stuff(void *context, struct slice bytes)
{
	struct retrieval *r = context;

	if (bytes.n == 0)
		return 0;
	begin(r);
	if (!r->mid_line && bytes.p[0] == '.')
		stream_put(r->out, SLICE("."));
	r->mid_line = bytes.p[bytes.n - 1] != '\n';
	for (;;) {
		const char *dot = memmem(bytes.p, bytes.n, "\n.", 2);
		size_t n;

		if (!dot)
			break;
		n = (size_t)(dot - bytes.p) + 1;
		stream_put(r->out, slice_upto(bytes, n));
		stream_put(r->out, SLICE("."));
		bytes = slice_from(bytes, n);
	}
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
	int error = maildrop_read(s->maildrop, i, body_lines, stuff, &r);

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
	stream_put(r.out, r.mid_line ? SLICE("\r\n.\r\n") : SLICE(".\r\n"));
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
