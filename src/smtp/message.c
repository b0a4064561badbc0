/* SPDX-License-Identifier: ISC */
/* The message as it comes in, by DATA (RFC 5321 §4.1.1.4) or BDAT (RFC 3030):
 * streamed through to the hooks in bounded memory. Whatever fails, reading
 * goes on to the end and the answer is given there; only a bare CR or LF, and
 * a peer that sends FAR_BEYOND more than was announced, end the session. */
#include "smtp/session.h"

#include "base/clock.h"
#include "mail/trace.h"
#include "smtp/events.h"

#define GATHER_BYTES 16384
#define FAR_BEYOND   (8U << 20)

static void fail(struct message *m, int error)
{
	if (m->error == 0)
		m->error = error;
}

static void flush(struct session *s)
{
	struct message *m = &s->message;

	if (m->error == 0 && m->out.n > 0)
		fail(m, s->hooks->write(s->hooks->context, buf_slice(&m->out)));
	buf_reset(&m->out);
}

static void gather(struct session *s, struct slice bytes)
{
	struct message *m = &s->message;

	if (m->out.n + bytes.n > m->out.ceiling)
		flush(s);
	if (m->error < 0)
		return;
	if (bytes.n > m->out.ceiling)
		fail(m, s->hooks->write(s->hooks->context, bytes));
	else
		fail(m, buf_put(&m->out, bytes));
}

void message_add(struct session *s, struct slice bytes)
{
	s->message.added += bytes.n;
	for (size_t i = 0; i < bytes.n; i++)
		s->message.added += bytes.p[i] == '\n';
	gather(s, bytes);
}

static bool too_big(const struct session *s, uint64_t slack)
{
	const struct message *m = &s->message;
	uint64_t max = s->config->message_max;

	return max > 0 && m->in.octets + m->discarded > max + slack;
}

/* TLS-Required: No; RFC 8689 §5: once, that one word; REQUIRETLS wins (§4.1).
 * The hooks hold the envelope and see it at the commit. */
static void on_tls_required(struct session *s, struct slice body)
{
	bool first = !s->message.has_tls_required;

	s->message.has_tls_required = true;
	s->env.tls_optional = first && !s->env.requiretls &&
			      slice_eq_nocase(body, SLICE("No"));
}

static void on_field(void *context, struct slice name, struct slice body)
{
	struct session *s = context;
	struct message *m = &s->message;

	if (slice_eq_nocase(name, SLICE("TLS-Required")))
		on_tls_required(s, body);
	m->any_field = true;
	m->hops += slice_eq_nocase(name, SLICE("Received"));
	m->has_date |= slice_eq_nocase(name, SLICE("Date"));
	m->has_id |= slice_eq_nocase(name, SLICE("Message-ID"));
}

/* data_in gives each LF by itself, so what ends the header is its empty line
 * and nothing else: our fields fit in front of it. */
static int on_bytes(void *context, struct slice bytes)
{
	struct session *s = context;
	struct message *m = &s->message;

	if (!m->header.ended && header_scan_push(&m->header, bytes))
		submission_complete(s);
	if (!too_big(s, 0))
		gather(s, bytes);
	return 0;
}

/* RFC 3848, RFC 6531 §4.3 */
static struct slice with_keyword(const struct session *s)
{
	static const char *const esmtp[] = { "ESMTP", "ESMTPA", "ESMTPS",
					     "ESMTPSA" };
	static const char *const utf8[] = { "UTF8SMTP", "UTF8SMTPA",
					    "UTF8SMTPS", "UTF8SMTPSA" };
	size_t how = (s->login.n > 0 ? 1 : 0) + (session_in_tls(s) ? 2 : 0);

	if (s->env.smtputf8)
		return slice_of(utf8[how]);
	return s->esmtp ? slice_of(esmtp[how]) : SLICE("SMTP");
}

static void add_received(struct session *s)
{
	const struct trace t = {
		.helo = buf_slice(&s->helo),
		.peer_name = guard_peer_name(s),
		.peer_ip = s->config->peer_literal,
		.host = s->config->host,
		.with = with_keyword(s),
		.tls_version = slice_of(s->tls.version),
		.tls_cipher = slice_of(s->tls.cipher),
		.id = s->env.id,
		.only_for = s->rcpts == 1 ? s->rcpt : SLICE_NONE,
		.real_us = s->env.arrived_us,
	};
	struct buf line = BUF(4096);
	int r = trace_received(&line, &t);

	fail(&s->message, r);
	message_add(s, buf_slice(&line));
	buf_done(&line);
}

static enum reply_id reply_of_error(int error)
{
	switch (error) {
	case -ENOSPC:
	case -EFBIG: /* a limit on file sizes */
		return REPLY_NO_SPACE;
	case -EDQUOT:
		return REPLY_MAILBOX_FULL;
	case -E2BIG:
		return REPLY_MAILBOX_TOO_SMALL;
	case -ELOOP:
		return REPLY_LOOP;
	default:
		return REPLY_LOCAL_ERROR;
	}
}

enum reply_id message_begin(struct session *s, bool dots)
{
	struct message *m = &s->message;
	int r = s->hooks->begin(s->hooks->context, &s->env);

	if (r < 0)
		return reply_of_error(r);
	m->open = true;
	m->out = BUF(GATHER_BYTES);
	header_scan_start(&m->header, on_field, s);
	data_in_start(&m->in, dots, s->config->text_line_max, on_bytes, s);
	m->in.lenient = s->d.lenient;
	add_received(s);
	return REPLY_OK;
}

void message_abort(struct session *s)
{
	struct message *m = &s->message;

	if (m->open)
		s->hooks->abort(s->hooks->context);
	m->open = false;
	header_scan_done(&m->header);
	buf_done(&m->out);
	*m = (struct message){ 0 };
}

/* What is known against the message so far. */
static enum reply_id judge(const struct session *s)
{
	const struct message *m = &s->message;

	if (too_big(s, 0))
		return REPLY_TOO_BIG;
	if (m->long_line)
		return REPLY_TEXT_LINE;
	if (m->hops > s->config->hops_max)
		return REPLY_LOOP;
	return m->error < 0 ? reply_of_error(m->error) : REPLY_ACCEPTED;
}

static enum reply_id commit(struct session *s)
{
	struct message *m = &s->message;
	enum reply_id reply;
	int r;

	if (!m->header.ended) {
		header_scan_end(&m->header);
		submission_complete(s);
	}
	flush(s);
	reply = judge(s);
	if (reply != REPLY_ACCEPTED)
		return reply;
	m->open = false;
	s->env.octets = m->in.octets + m->added;
	r = s->hooks->commit(s->hooks->context, s->env.octets);
	return r < 0 ? reply_of_error(r) : REPLY_ACCEPTED;
}

static void finish(struct session *s)
{
	enum reply_id reply = commit(s);

	s->accepted += reply == REPLY_ACCEPTED;
	session_log(s,
		    reply == REPLY_ACCEPTED ? &smtp_event_accepted
					    : &smtp_event_refused,
		    s->rcpt, reply);
	session_answer(s, reply,
		       reply == REPLY_ACCEPTED ? s->env.id : SLICE_NONE);
	session_reset(s);
}

/* Make sure there is input; false: the session is over. */
static bool wait_input(struct session *s)
{
	ssize_t n;

	if (stream_peek(s->d.stream).n > 0)
		return true;
	n = stream_fill(s->d.stream);
	if (n > 0)
		return true;
	if (n == -ETIMEDOUT)
		session_close(s, REPLY_TIMEOUT);
	else if (n == -ECANCELED)
		session_close(s, REPLY_SHUTTING);
	else if (n < 0)
		s->error = (int)n;
	s->d.over = true;
	return false;
}

/* Push all of `in`; DATA_MORE, DATA_END or DATA_BARE. */
static enum data_event push(struct session *s, struct slice in,
			    size_t *ret_used)
{
	struct message *m = &s->message;
	enum data_event e;
	size_t used;

	*ret_used = 0;
	do {
		e = data_in_push(&m->in, slice_from(in, *ret_used), &used);
		*ret_used += used;
		m->long_line |= e == DATA_LONG_LINE;
	} while (e == DATA_LONG_LINE);
	return e;
}

void message_data(struct dialogue *d)
{
	struct session *s = (struct session *)d;
	enum data_event e;
	size_t used;

	if (!wait_input(s))
		return;
	e = push(s, stream_peek(d->stream), &used);
	stream_consume(d->stream, used);
	if (e == DATA_BARE)
		session_close(s, REPLY_BARE_NEWLINE);
	else if (e == DATA_END)
		finish(s);
	else if (too_big(s, FAR_BEYOND))
		session_close(s, REPLY_TOO_BIG);
}

/* All octets of the chunk are here. */
static void end_chunk(struct session *s)
{
	struct message *m = &s->message;
	struct verdict v = m->chunk_refused;
	uint64_t octets = m->in.octets;
	char text[24];
	int n;

	if (v.reply == REPLY_OK && m->chunk_last) {
		if (data_in_finish(&m->in) == DATA_BARE)
			session_close(s, REPLY_BARE_NEWLINE);
		else
			finish(s);
		return;
	}
	if (v.reply == REPLY_OK && judge(s) != REPLY_ACCEPTED) {
		v.reply = judge(s);
		session_log(s, &smtp_event_refused, s->rcpt, v.reply);
		message_abort(s);
		s->d.state = FAILED;
	}
	if (v.reply != REPLY_OK) {
		session_answer(s, v.reply, v.detail);
		return;
	}
	n = snprintf(text, sizeof(text), "%llu", (unsigned long long)octets);
	session_answer(s, REPLY_CHUNK_OK, (struct slice){ text, (size_t)n });
}

/* Take what is here of the chunk; false: the session is over. */
static bool take_chunk(struct session *s)
{
	struct message *m = &s->message;
	enum data_event e = DATA_MORE;
	struct slice in;
	size_t used;

	if (!wait_input(s))
		return false;
	in = stream_peek(s->d.stream);
	if (in.n > m->chunk_left)
		in = slice_upto(in, (size_t)m->chunk_left);
	if (m->chunk_refused.reply == REPLY_OK)
		e = push(s, in, &used);
	else
		m->discarded += in.n;
	stream_consume(s->d.stream, in.n);
	m->chunk_left -= in.n;
	if (e == DATA_BARE)
		session_close(s, REPLY_BARE_NEWLINE);
	else if (too_big(s, FAR_BEYOND))
		session_close(s, REPLY_TOO_BIG);
	return !s->d.over;
}

void message_chunk(struct dialogue *d)
{
	struct session *s = (struct session *)d;

	if (s->message.chunk_left > 0 && !take_chunk(s))
		return;
	if (s->message.chunk_left > 0)
		return;
	d->state = s->chunk_state;
	end_chunk(s);
}
