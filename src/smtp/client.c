/* SPDX-License-Identifier: ISC */
/* See client.h: the conversation, its replies and what they mean. RFC 5321
 * §3.1, §4.2. */
#include "smtp/client_engine.h"

#include "base/escape.h"

#define ARENA_MAX   ((size_t)4 << 20)
#define TEXT_OCTETS 1000

struct smtp_client *smtp_client_new(struct stream *s, struct slice helo)
{
	struct smtp_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->arena = arena_new(ARENA_MAX);
	if (!c->arena) {
		free(c);
		return NULL;
	}
	c->stream = s;
	c->helo = helo;
	return c;
}

void smtp_client_free(struct smtp_client *c)
{
	if (!c)
		return;
	if (!c->broken) {
		stream_deadline(c->stream, WAIT_QUIT_MS, WAIT_QUIT_MS);
		stream_put(c->stream, SLICE("QUIT\r\n"));
		/* nothing depends on whether they hear it */
		ignore(stream_flush(c->stream));
	}
	stream_free(c->stream);
	arena_free(c->arena);
	free(c);
}

unsigned smtp_client_offers(const struct smtp_client *c)
{
	return c->offers;
}

/* ---- outcomes ---- */

struct outcome client_outcome(const char *status, const char *text)
{
	struct outcome o = { .kind = status[0] == '5' ? OUTCOME_NEVER
						      : OUTCOME_LATER,
			     .text = slice_of(text) };

	(void)snprintf(o.status, sizeof(o.status), "%s", status);
	return o;
}

static const char *text_of_error(int error)
{
	switch (error) {
	case -ETIMEDOUT:
		return "timed out";
	case -EPROTO:
		return "what came is no SMTP reply";
	case -EMSGSIZE:
		return "the reply does not end";
	case -ECONNRESET:
	case -EPIPE:
		return "the connection was closed";
	default:
		return strerror(-error);
	}
}

struct outcome client_lost(struct smtp_client *c, int error)
{
	c->broken = true;
	return client_outcome("4.4.2", text_of_error(error));
}

struct slice client_text(struct smtp_client *c, const struct reply *r)
{
	struct buf text = BUF(8 * TEXT_OCTETS);
	struct slice kept = SLICE_NONE;

	if (buf_printf(&text, "%u ", r->code) == 0 &&
	    escape_text(&text, buf_slice(&r->text), TEXT_OCTETS) == 0)
		kept = arena_copy(c->arena, buf_slice(&text));
	buf_done(&text);
	return kept.p ? kept : SLICE("(no memory for the reply)");
}

/* A yes to something we did not ask (250 to DATA, 354 to a message's end) is
 * no yes: their replies and our commands are out of step. */
static struct outcome out_of_step(struct smtp_client *c, const struct reply *r)
{
	c->broken = true;
	return (struct outcome){ .kind = OUTCOME_LATER,
				 .status = "4.5.0",
				 .text = client_text(c, r),
				 .from_peer = true };
}

/* yes: 2, or 3 where an intermediate reply is what we wait for */
static struct outcome outcome_of_reply(struct smtp_client *c,
				       const struct reply *r, unsigned yes)
{
	unsigned char class = (unsigned char)(r->code / 100 % 10);
	struct outcome o = { .kind = class == 5     ? OUTCOME_NEVER
				     : class == yes ? OUTCOME_OK
						    : OUTCOME_LATER,
			     .text = client_text(c, r),
			     .from_peer = true };
	/* RFC 5248: an enhanced code of another class is not believed */
	bool fits = r->enhanced[0] == (char)('0' + (class == 3 ? 2 : class));

	if (class <= 3 && class != yes)
		return out_of_step(c, r);
	if (fits)
		memcpy(o.status, r->enhanced, sizeof(o.status));
	else
		(void)snprintf(o.status, sizeof(o.status), "%hhu.0.0",
			       (unsigned char)(class == 3 ? 2 : class));
	if (r->code == 421)
		c->broken = true;
	return o;
}

struct outcome client_hear(struct smtp_client *c, int64_t wait_ms, unsigned yes)
{
	struct reply r = { 0 };
	struct outcome o;
	int error;

	stream_deadline(c->stream, wait_ms, wait_ms);
	error = reply_read(c->stream, &r);
	o = error < 0 ? client_lost(c, error) : outcome_of_reply(c, &r, yes);
	reply_done(&r);
	return o;
}

/* ---- greeting ---- */

static const struct {
	const char *keyword;
	unsigned bit;
} extensions[] = {
	{ "PIPELINING", CLIENT_PIPELINING },
	{ "SIZE", CLIENT_SIZE },
	{ "8BITMIME", CLIENT_8BITMIME },
	{ "SMTPUTF8", CLIENT_SMTPUTF8 },
	{ "CHUNKING", CLIENT_CHUNKING },
	{ "DSN", CLIENT_DSN },
	{ "ENHANCEDSTATUSCODES", CLIENT_ENHANCED },
	{ "STARTTLS", CLIENT_STARTTLS },
	{ "REQUIRETLS", CLIENT_REQUIRETLS },
};

static void note_extension(struct smtp_client *c, struct slice line)
{
	struct slice keyword = slice_word(&line);

	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (slice_eq_nocase(keyword, slice_of(extensions[i].keyword)))
			c->offers |= extensions[i].bit;
	if (slice_eq_nocase(keyword, SLICE("AUTH")))
		(void)snprintf(
			c->mechanisms, sizeof(c->mechanisms), "%.*s",
			SLICE_ARG(slice_trim(line))); /* the rest is not ours */
	/* a malformed number is no limit */
	if (slice_eq_nocase(keyword, SLICE("SIZE")))
		ignore(slice_number(slice_word(&line), 0, UINT64_MAX,
				    &c->size_max));
}

static struct outcome hello(struct smtp_client *c, const char *verb)
{
	struct reply r = { 0 };
	struct outcome o;
	struct slice rest, line;
	int error;

	stream_printf(c->stream, "%s %.*s\r\n", verb, SLICE_ARG(c->helo));
	stream_deadline(c->stream, WAIT_COMMAND_MS, WAIT_COMMAND_MS);
	error = reply_read(c->stream, &r);
	o = error < 0 ? client_lost(c, error) : outcome_of_reply(c, &r, 2);
	rest = buf_slice(&r.text);
	/* the first line is the peer's name; HELO offers nothing */
	if (o.kind == OUTCOME_OK && verb[0] == 'E' &&
	    slice_field(&rest, '\n', &line))
		while (slice_field(&rest, '\n', &line))
			note_extension(c, line);
	reply_done(&r);
	return o;
}

struct outcome client_hello(struct smtp_client *c)
{
	struct outcome o;

	c->offers = 0;
	c->size_max = 0;
	c->mechanisms[0] = '\0';
	o = hello(c, "EHLO");
	if (o.kind == OUTCOME_NEVER && !c->broken)
		o = hello(c, "HELO");
	return o;
}

struct outcome smtp_client_greet(struct smtp_client *c)
{
	struct outcome o = { .kind = OUTCOME_OK };

	arena_reset(c->arena);
	if (c->security.implicit)
		o = client_shake(c);
	if (o.kind == OUTCOME_OK)
		o = client_hear(c, WAIT_BANNER_MS, 2);
	if (o.kind == OUTCOME_OK)
		o = client_hello(c);
	return o.kind == OUTCOME_OK ? client_secure(c) : o;
}

bool smtp_client_alive(struct smtp_client *c)
{
	if (c->broken)
		return false;
	stream_put(c->stream, SLICE("RSET\r\n"));
	c->dirty = false;
	return client_hear(c, WAIT_COMMAND_MS, 2).kind == OUTCOME_OK &&
	       !c->broken;
}
