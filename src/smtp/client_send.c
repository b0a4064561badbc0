/* SPDX-License-Identifier: ISC */
/* See client.h: one message. RFC 5321 §3.3, §4.1.1; PIPELINING (2920), SIZE
 * (1870), 8BITMIME (6152), SMTPUTF8 (6531), CHUNKING (3030), DSN (3461),
 * REQUIRETLS (8689). */
#include "base/escape.h"
#include "mail/addr.h"
#include "smtp/client_engine.h"
#include "smtp/data.h"

#define BLOCK_BYTES 65536

struct sending {
	struct smtp_client *c;
	const struct envelope *env;
	const size_t *which;
	size_t n;
	smtp_body *body;
	void *context;
	struct outcome *results;
	size_t accepted;
};

static bool offers(const struct sending *s, unsigned bit)
{
	return (s->c->offers & bit) != 0;
}

static void all(struct sending *s, struct outcome o)
{
	for (size_t i = 0; i < s->n; i++)
		s->results[i] = o;
}

/* Only those that were accepted at RCPT share the fate of the body. */
static void accepted_share(struct sending *s, struct outcome o)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->results[i].kind == OUTCOME_OK)
			s->results[i] = o;
}

/* Domains go in A-labels to a peer without SMTPUTF8. */
static struct slice wire_address(struct sending *s, struct slice address)
{
	struct slice text;
	struct addr a;

	if (address.n == 0 || offers(s, CLIENT_SMTPUTF8) ||
	    addr_parse(address, true, s->c->arena, &a) != ADDR_OK)
		return address;
	text = addr_text(&a, true, s->c->arena);
	/* never <> for want of memory: that is another sender */
	return text.n > 0 ? text : address;
}

static bool needs_utf8(struct sending *s)
{
	if (s->env->smtputf8 || !ascii_only(wire_address(s, s->env->from)))
		return true;
	for (size_t i = 0; i < s->n; i++)
		if (!ascii_only(
			    wire_address(s, s->env->to[s->which[i]].address)))
			return true;
	return false;
}

/* What this peer cannot carry at all. */
static bool cannot_carry(struct sending *s)
{
	uint64_t most = s->c->size_max;

	if (!offers(s, CLIENT_SMTPUTF8) && needs_utf8(s)) {
		all(s, client_outcome("5.6.7", "the next host does not take "
					       "internationalised mail"));
		return true;
	}
	/* RFC 8689 §4.2.1 */
	if (s->env->requiretls && !(s->c->in_tls && s->c->tls.verified &&
				    offers(s, CLIENT_REQUIRETLS))) {
		all(s, client_outcome("5.7.30", "the message requires TLS all "
						"the way (REQUIRETLS)"));
		return true;
	}
	if (offers(s, CLIENT_SIZE) && most > 0 && s->env->octets > most) {
		all(s, client_outcome("5.3.4", "the message is larger than "
					       "the next host takes"));
		return true;
	}
	return false;
}

static void put_mail(struct sending *s)
{
	struct stream *out = s->c->stream;
	const struct envelope *env = s->env;
	static const char *const ret[] = { "", " RET=FULL", " RET=HDRS" };

	stream_printf(out, "MAIL FROM:<%.*s>",
		      SLICE_ARG(wire_address(s, env->from)));
	if (offers(s, CLIENT_SIZE))
		stream_printf(out, " SIZE=%llu",
			      (unsigned long long)env->octets);
	if (offers(s, CLIENT_8BITMIME) && env->eight_bit)
		stream_put(out, SLICE(" BODY=8BITMIME"));
	if (offers(s, CLIENT_SMTPUTF8) && needs_utf8(s))
		stream_put(out, SLICE(" SMTPUTF8"));
	if (env->requiretls)
		stream_put(out, SLICE(" REQUIRETLS"));
	if (offers(s, CLIENT_DSN)) {
		stream_put(out, slice_of(ret[env->ret]));
		if (env->envid.n > 0)
			stream_printf(out, " ENVID=%.*s",
				      SLICE_ARG(env->envid));
	}
	stream_put(out, SLICE("\r\n"));
}

static void put_notify(struct stream *out, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = { { DSN_NEVER, "NEVER" },
		      { DSN_SUCCESS, "SUCCESS" },
		      { DSN_FAILURE, "FAILURE" },
		      { DSN_DELAY, "DELAY" } };
	const char *before = " NOTIFY=";

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (notify & words[i].bit) {
			stream_printf(out, "%s%s", before, words[i].word);
			before = ",";
		}
}

static void put_rcpt(struct sending *s, const struct recipient *to)
{
	struct stream *out = s->c->stream;

	stream_printf(out, "RCPT TO:<%.*s>",
		      SLICE_ARG(wire_address(s, to->address)));
	if (offers(s, CLIENT_DSN)) {
		put_notify(out, to->notify);
		if (to->orcpt.n > 0)
			stream_printf(out, " ORCPT=%.*s", SLICE_ARG(to->orcpt));
	}
	stream_put(out, SLICE("\r\n"));
}

static bool hear_rcpt(struct sending *s, size_t i)
{
	s->results[i] = client_hear(s->c, WAIT_COMMAND_MS, 2);
	if (s->results[i].kind == OUTCOME_OK)
		s->accepted++;
	if (!s->c->broken)
		return true;
	/* nobody was served: those accepted so far wait like the rest */
	for (size_t j = 0; j < s->n; j++)
		if (j > i || s->results[j].kind == OUTCOME_OK)
			s->results[j] = s->results[i];
	return false;
}

static bool envelope_in_turn(struct sending *s)
{
	struct outcome o;

	put_mail(s);
	o = client_hear(s->c, WAIT_COMMAND_MS, 2);
	if (o.kind != OUTCOME_OK) {
		all(s, o);
		return false;
	}
	for (size_t i = 0; i < s->n; i++) {
		put_rcpt(s, &s->env->to[s->which[i]]);
		if (!hear_rcpt(s, i))
			return false;
	}
	return s->accepted > 0;
}

/* RFC 2920 §3.1. How many RCPTs may be unanswered at once is bounded, so that
 * neither side waits for the other with full buffers. */
#define GROUP_MAX 100

static bool envelope_in_groups(struct sending *s)
{
	struct outcome o = { .kind = OUTCOME_OK };

	put_mail(s);
	for (size_t at = 0; at < s->n; at += GROUP_MAX) {
		size_t end = s->n - at < GROUP_MAX ? s->n : at + GROUP_MAX;

		for (size_t i = at; i < end; i++)
			put_rcpt(s, &s->env->to[s->which[i]]);
		if (at == 0)
			o = client_hear(s->c, WAIT_COMMAND_MS, 2);
		for (size_t i = at; i < end && !s->c->broken; i++)
			ignore(hear_rcpt(s, i)); /* broken is seen below */
		/* without a sender the replies to RCPT say nothing */
		if (o.kind != OUTCOME_OK)
			all(s, o);
		if (o.kind != OUTCOME_OK || s->c->broken)
			return false;
	}
	return s->accepted > 0;
}

/* What BDAT has announced is a promise: an octet more would be read as a
 * command, one less leaves the peer waiting. */
struct announced {
	struct stream *stream;
	uint64_t left;
};

static int to_stream(void *context, struct slice bytes)
{
	struct announced *a = context;

	if (bytes.n > a->left)
		return -EOVERFLOW;
	a->left -= bytes.n;
	stream_put(a->stream, bytes);
	return 0;
}

/* The body through transparency onto the stream. 0, -EILSEQ for a CR in it,
 * or an error of reading the message. */
static int put_body(struct sending *s, bool dots, struct announced *out)
{
	char *block = malloc(BLOCK_BYTES);
	struct data_to_wire wire;
	uint64_t at = 0;
	ssize_t n = block ? 1 : -ENOMEM;
	int r = 0;

	data_to_wire_start(&wire, dots, to_stream, out);
	while (n > 0 && r == 0) {
		stream_deadline(s->c->stream, WAIT_BLOCK_MS, 0);
		n = s->body(s->context, at, block, BLOCK_BYTES);
		if (n > 0) {
			r = data_to_wire_push(
				&wire, (struct slice){ block, (size_t)n });
			at += (uint64_t)n;
		}
	}
	free(block);
	if (n < 0)
		return (int)n;
	return r < 0 ? r : data_to_wire_end(&wire);
}

/* The message cannot be sent to its end: the peer must not take half of it
 * for the whole, so the connection ends here, without "." and QUIT. */
static void give_up(struct sending *s, int error)
{
	s->c->broken = true;
	accepted_share(s, error == -EILSEQ
				  ? client_outcome("5.6.0", "the message has a "
							    "bare CR")
				  : client_outcome("4.3.0", "the queue file "
							    "cannot be read"));
}

static void send_data(struct sending *s)
{
	struct announced out = { s->c->stream, UINT64_MAX };
	struct outcome o;
	int error;

	stream_put(s->c->stream, SLICE("DATA\r\n"));
	o = client_hear(s->c, WAIT_DATA_MS, 3);
	if (o.kind != OUTCOME_OK) {
		accepted_share(s, o);
		return;
	}
	error = put_body(s, true, &out);
	if (error < 0)
		give_up(s, error);
	else
		accepted_share(s, client_hear(s->c, WAIT_END_MS, 2));
}

static void send_bdat(struct sending *s)
{
	struct announced out = { s->c->stream, s->env->octets };
	int error;

	stream_printf(s->c->stream, "BDAT %llu LAST\r\n",
		      (unsigned long long)s->env->octets);
	error = put_body(s, false, &out);
	if (error == 0 && out.left > 0)
		error = -EIO;
	if (error < 0)
		give_up(s, error);
	else
		accepted_share(s, client_hear(s->c, WAIT_END_MS, 2));
}

bool smtp_client_send(struct smtp_client *c, const struct envelope *env,
		      const size_t *which, size_t n, smtp_body *body,
		      void *context, struct outcome *results)
{
	struct sending s = {
		.c = c,
		.env = env,
		.which = which,
		.n = n,
		.body = body,
		.context = context,
		.results = results,
	};
	bool go;

	arena_reset(c->arena);
	if (cannot_carry(&s))
		return !c->broken;
	if (c->dirty && !smtp_client_alive(c)) {
		all(&s, client_lost(c, -ECONNRESET));
		return false;
	}
	c->dirty = true;
	go = offers(&s, CLIENT_PIPELINING) ? envelope_in_groups(&s)
					   : envelope_in_turn(&s);
	if (!go)
		return !c->broken;
	if (offers(&s, CLIENT_CHUNKING))
		send_bdat(&s);
	else
		send_data(&s);
	c->dirty = results[0].kind != OUTCOME_OK;
	return !c->broken;
}
