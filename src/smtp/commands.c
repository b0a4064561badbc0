/* SPDX-License-Identifier: ISC */
/* The server's commands: RFC 5321 §4.1.1, RFC 3030 (BDAT). One table knows
 * the verbs; each handler parses, decides and names a reply. */
#include "smtp/session.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/ident.h"
#include "smtp/events.h"
#include "smtp/params.h"
#include "smtp/path.h"

#define LIMIT_MAX 999999U /* RFC 9422 §3: six digits */

static struct session *of(struct dialogue *d)
{
	return (struct session *)d;
}

/* For commands that take nothing. */
static bool no_args(struct session *s, struct slice args)
{
	if (slice_trim(args).n == 0)
		return true;
	session_answer(s, REPLY_SYNTAX, SLICE("nothing may follow"));
	return false;
}

bool session_is_name(struct slice name)
{
	bool good = name.n > 0 && utf8_valid(name);

	for (size_t i = 0; i < name.n && good; i++)
		good = (unsigned char)name.p[i] > ' ' && name.p[i] != 127;
	return good;
}

/* Domain / address-literal; broken clients send anything, and RFC 5321
 * §4.1.4 forbids to refuse them for what it names. What a front has told of
 * its client outlasts what it says of itself. */
static bool take_helo(struct session *s, struct slice args)
{
	struct slice name = slice_trim(args);
	bool told = s->told_helo.n > 0;

	buf_reset(&s->helo);
	if (session_is_name(name) &&
	    buf_put(&s->helo, told ? buf_slice(&s->told_helo) : name) == 0) {
		guard_helo(s);
		return true;
	}
	session_answer(s, REPLY_SYNTAX, SLICE("your host name is wanted"));
	return false;
}

/* helo = "HELO" SP Domain CRLF; RFC 5321 §4.1.1.1 */
static void cmd_helo(struct dialogue *d, struct slice args)
{
	struct session *s = of(d);

	if (!take_helo(s, args))
		return;
	s->esmtp = false;
	d->state = READY;
	session_reset(s);
	session_answer(s, REPLY_HELO, s->config->host);
}

static unsigned long long limit(uint64_t n)
{
	return n < LIMIT_MAX ? n : LIMIT_MAX;
}

static void put_limits(struct session *s)
{
	const struct smtp_config *c = s->config;

	stream_printf(s->d.stream, "250-LIMITS RCPTMAX=%llu",
		      limit(c->recipients_max));
	/* EHLO, QUIT, and MAIL, RCPT, DATA for each message */
	if (c->commands_max >= 5)
		stream_printf(s->d.stream, " MAILMAX=%llu",
			      limit((c->commands_max - 2) / 3));
	stream_put(s->d.stream, SLICE("\r\n"));
}

/* What we do without further parameters; HELP ends the list. */
static const char *const extensions[] = {
	"PIPELINING",          /* RFC 2920 */
	"8BITMIME",            /* RFC 6152 */
	"SMTPUTF8",            /* RFC 6531 */
	"CHUNKING",            /* RFC 3030 */
	"DSN",                 /* RFC 3461 */
	"ENHANCEDSTATUSCODES", /* RFC 2034 */
};

/* ehlo = "EHLO" SP ( Domain / address-literal ) CRLF; RFC 5321 §4.1.1.1 */
static void cmd_ehlo(struct dialogue *d, struct slice args)
{
	struct session *s = of(d);

	if (!take_helo(s, args))
		return;
	s->esmtp = true;
	d->state = READY;
	session_reset(s);
	stream_printf(d->stream, "250-%.*s\r\n", SLICE_ARG(s->config->host));
	stream_printf(d->stream, "250-SIZE %llu\r\n",
		      (unsigned long long)s->config->message_max);
	put_limits(s);
	session_put_security(s);
	session_put_xclient(s);
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		stream_printf(d->stream, "250-%s\r\n", extensions[i]);
	session_answer(s, REPLY_HELO, SLICE("HELP"));
}

/* "FROM:" or "TO:" off the front of *args. */
static bool cut_word(struct slice *args, struct slice word)
{
	if (!slice_starts_nocase(*args, word))
		return false;
	*args = slice_from(*args, word.n);
	return true;
}

/* Names without a domain: postmaster everywhere (RFC 5321 §4.5.1), others
 * on our own host only. */
static bool complete(struct session *s, struct addr *a)
{
	if (a->kind != ADDR_NO_DOMAIN || a->local.n == 0)
		return true;
	if (s->config->role == SMTP_LOCAL) {
		a->kind = ADDR_NAME;
		a->domain = a->ascii = s->config->host;
		return true;
	}
	return slice_eq_nocase(a->local, SLICE("postmaster"));
}

static struct verdict bad_address(enum reply_id reply, enum addr_trouble t)
{
	if (t == ADDR_NO_IDNA)
		return (struct verdict){ .reply = REPLY_LOCAL_ERROR };
	if (t == ADDR_NO_MEMORY)
		return (struct verdict){ .reply = REPLY_TOO_MANY_RCPTS };
	return (struct verdict){ reply, slice_of(addr_trouble_text(t)) };
}

static struct verdict parse_mail(struct session *s, struct slice args,
				 struct addr *from, struct mail_params *params)
{
	enum addr_trouble t;
	struct verdict v;

	if (!cut_word(&args, SLICE("FROM:")))
		return (struct verdict){ REPLY_SYNTAX,
					 SLICE("MAIL FROM:<address>") };
	t = path_parse(&args, true, true, s->arena, from);
	if (t != ADDR_OK)
		return bad_address(REPLY_BAD_SENDER, t);
	v = params_mail(args, s->arena, params);
	if (v.reply != REPLY_OK)
		return v;
	if (!s->esmtp && slice_trim(args).n > 0)
		return (struct verdict){ REPLY_BAD_PARAM,
					 SLICE("say EHLO for parameters") };
	if (from->utf8 && !params->smtputf8)
		return (struct verdict){ .reply = REPLY_NEED_UTF8 };
	if (params->requiretls && !session_in_tls(s)) /* RFC 8689 §2 */
		return (struct verdict){ REPLY_BAD_PARAM,
					 SLICE("REQUIRETLS wants TLS") };
	if (!complete(s, from))
		return bad_address(REPLY_BAD_SENDER, ADDR_SYNTAX);
	return v;
}

static struct verdict may_send(struct session *s, const struct addr *from,
			       uint64_t size)
{
	const struct smtp_config *c = s->config;

	if (c->need_tls && s->hooks->starttls && !session_in_tls(s))
		return (struct verdict){ .reply = REPLY_NEED_TLS };
	if (c->role == SMTP_SUBMISSION && !s->may_relay)
		return (struct verdict){ .reply = REPLY_NEED_LOGIN };
	if (c->message_max > 0 && size > c->message_max)
		return (struct verdict){ .reply = REPLY_TOO_BIG };
	return guard_mail(s, from, size);
}

/* Who handed it in, for people: "name [address]". */
static struct slice peer_words(struct session *s)
{
	const struct smtp_config *c = s->config;
	struct slice name = guard_peer_name(s);

	if (c->peer_ip.n == 0)
		return buf_slice(&s->login);
	return arena_printf(s->arena, "%.*s%s[%.*s]", SLICE_ARG(name),
			    name.n > 0 ? " " : "", SLICE_ARG(c->peer_ip));
}

static bool fill_envelope(struct session *s, const struct addr *from,
			  const struct mail_params *params)
{
	char id[IDENT_MAX];

	ident_new(id);
	s->env = (struct envelope){
		.from = from->local.p ? addr_text(from, false, s->arena)
				      : SLICE(""),
		.envid = params->envid,
		.ret = params->ret,
		.eight_bit = params->eight_bit,
		.smtputf8 = params->smtputf8,
		.requiretls = params->requiretls,
		.arrived_us = clock_real_us(),
		.id = arena_copy(s->arena, slice_of(id)),
		.peer = peer_words(s),
		.login = buf_slice(&s->login),
	};
	return s->env.from.p && s->env.id.p;
}

/* mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF;
 * RFC 5321 §4.1.1.2 */
static void cmd_mail(struct dialogue *d, struct slice args)
{
	struct session *s = of(d);
	struct mail_params params = { 0 };
	struct addr from = { 0 };
	struct verdict v;

	session_reset(s);
	v = parse_mail(s, args, &from, &params);
	if (v.reply == REPLY_OK)
		v = may_send(s, &from, params.size);
	if (v.reply == REPLY_SENDER_OK && !fill_envelope(s, &from, &params))
		v.reply = REPLY_LOCAL_ERROR;
	if (v.reply == REPLY_SENDER_OK) {
		d->state = ADDRESSING;
	} else {
		s->env.from = args; /* as it was given */
		session_log(s, &smtp_event_mail_refused, SLICE_NONE, v.reply);
		s->env.from = SLICE_NONE;
	}
	session_answer(s, v.reply, v.detail);
}

static struct verdict parse_rcpt(struct session *s, struct slice args,
				 struct addr *to, struct recipient *asked)
{
	struct rcpt_params params = { 0 };
	enum addr_trouble t;
	struct verdict v;

	if (!cut_word(&args, SLICE("TO:")))
		return (struct verdict){ REPLY_SYNTAX,
					 SLICE("RCPT TO:<address>") };
	t = path_parse(&args, false, true, s->arena, to);
	if (t != ADDR_OK)
		return bad_address(REPLY_BAD_RCPT, t);
	v = params_rcpt(args, s->arena, &params);
	if (v.reply != REPLY_OK)
		return v;
	if (!s->esmtp && slice_trim(args).n > 0)
		return (struct verdict){ REPLY_BAD_PARAM,
					 SLICE("say EHLO for parameters") };
	if (to->utf8 && !s->env.smtputf8)
		return (struct verdict){ .reply = REPLY_NEED_UTF8 };
	if (!complete(s, to))
		return bad_address(REPLY_BAD_RCPT, ADDR_SYNTAX);
	asked->address = addr_text(to, false, s->arena);
	asked->orcpt = params.orcpt;
	asked->notify = params.notify;
	if (!asked->address.p)
		v.reply = REPLY_TOO_MANY_RCPTS;
	return v;
}

/* rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" /
 * Forward-path ) [SP Rcpt-parameters] CRLF; RFC 5321 §4.1.1.3 */
static void cmd_rcpt(struct dialogue *d, struct slice args)
{
	struct session *s = of(d);
	struct recipient asked = { 0 };
	struct addr to;
	struct verdict v = { .reply = REPLY_TOO_MANY_RCPTS };

	if (s->rcpts < s->config->recipients_max)
		v = parse_rcpt(s, args, &to, &asked);
	if (v.reply == REPLY_OK)
		v = guard_rcpt(s, &to, &asked);
	if (v.reply != REPLY_RCPT_OK)
		session_log(s, &smtp_event_rcpt_refused, asked.address,
			    v.reply);
	else if (s->rcpts++ == 0)
		s->rcpt = asked.address;
	session_answer(s, v.reply, v.detail);
}

/* data = "DATA" CRLF; RFC 5321 §4.1.1.4 */
static void cmd_data(struct dialogue *d, struct slice args)
{
	struct session *s = of(d);
	enum reply_id reply = REPLY_NO_RCPTS;

	if (!no_args(s, args))
		return;
	if (s->rcpts > 0)
		reply = message_begin(s, true);
	if (reply == REPLY_OK) {
		d->state = IN_DATA;
		reply = REPLY_START_DATA;
	} else if (s->rcpts > 0) {
		session_log(s, &smtp_event_refused, s->rcpt, reply);
		session_reset(s);
	}
	session_answer(s, reply, SLICE_NONE);
}

/* What is against a chunk before it has come. */
static struct verdict may_chunk(struct session *s)
{
	enum reply_id reply = REPLY_OK;

	switch (s->d.state) {
	case STRANGER:
	case READY:
		return (struct verdict){ REPLY_NOT_NOW,
					 SLICE("MAIL comes first") };
	case FAILED:
		return (struct verdict){ REPLY_NOT_NOW,
					 SLICE("a chunk failed, send RSET") };
	case ADDRESSING:
		reply = s->rcpts > 0 ? message_begin(s, false) : REPLY_NO_RCPTS;
		break;
	default:
		break;
	}
	return (struct verdict){ .reply = reply };
}

/* bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF; RFC 3030 §2.
 * Where the size cannot be read, nobody knows where the next command begins:
 * the session ends. */
static void cmd_bdat(struct dialogue *d, struct slice args)
{
	struct session *s = of(d);
	struct message *m = &s->message;
	struct slice size = slice_word(&args);
	struct slice mark = slice_word(&args);
	bool last = slice_eq_nocase(mark, SLICE("LAST"));
	struct verdict v;
	uint64_t n;

	if (slice_number(size, 0, UINT64_MAX, &n) < 0 ||
	    (mark.n > 0 && !last) || slice_trim(args).n > 0) {
		session_close(s, REPLY_SYNTAX);
		return;
	}
	v = may_chunk(s);
	s->chunk_state = d->state;
	if (v.reply == REPLY_OK)
		s->chunk_state = CHUNKED;
	else if (d->state == ADDRESSING && s->rcpts > 0)
		s->chunk_state = FAILED;
	m->chunk_left = n;
	m->chunk_last = last;
	m->chunk_refused = v;
	d->state = IN_CHUNK;
}

/* rset = "RSET" CRLF; RFC 5321 §4.1.1.5 */
static void cmd_rset(struct dialogue *d, struct slice args)
{
	if (!no_args(of(d), args))
		return;
	session_reset(of(d));
	session_answer(of(d), REPLY_RESET, SLICE_NONE);
}

/* noop = "NOOP" [ SP String ] CRLF; RFC 5321 §4.1.1.9 */
static void cmd_noop(struct dialogue *d, struct slice args)
{
	(void)args;
	session_answer(of(d), REPLY_NOOP, SLICE_NONE);
}

/* quit = "QUIT" CRLF; RFC 5321 §4.1.1.10 */
static void cmd_quit(struct dialogue *d, struct slice args)
{
	if (!no_args(of(d), args))
		return;
	session_answer(of(d), REPLY_BYE, of(d)->config->host);
	d->over = true;
}

/* vrfy = "VRFY" SP String CRLF; RFC 5321 §4.1.1.6. Whether a mailbox exists
 * is told at RCPT only (§7.3). */
static void cmd_vrfy(struct dialogue *d, struct slice args)
{
	bool any = slice_trim(args).n > 0;

	session_answer(of(d), any ? REPLY_CANNOT_VRFY : REPLY_SYNTAX,
		       any ? SLICE_NONE : SLICE("a name is wanted"));
}

/* expn = "EXPN" SP String CRLF (§4.1.1.7), and the verbs of other days and of
 * extensions that are not offered. */
static void cmd_not_offered(struct dialogue *d, struct slice args)
{
	(void)args;
	session_answer(of(d), REPLY_NOT_IMPLEMENTED, SLICE_NONE);
}

/* RFC 9112 §3: a web client, or somebody driving one against us. */
static void cmd_http(struct dialogue *d, struct slice args)
{
	(void)args;
	session_close(of(d), REPLY_NOT_SMTP);
}

static bool is_offered(const struct session *s,
		       const struct dialogue_command *c)
{
	if (c->run == session_auth)
		return s->hooks->auth != NULL;
	if (c->run == session_starttls)
		return s->hooks->starttls != NULL;
	if (c->run == session_xclient)
		return s->hooks->xclient && s->config->may_xclient;
	return c->run != cmd_not_offered && c->run != cmd_http;
}

/* help = "HELP" [ SP String ] CRLF; RFC 5321 §4.1.1.8 */
static void cmd_help(struct dialogue *d, struct slice args)
{
	struct buf verbs = BUF(256);
	int r = 0;

	(void)args;
	for (const struct dialogue_command *c = session_commands;
	     c->verb && r == 0; c++)
		if (is_offered(of(d), c))
			r = buf_printf(&verbs, "%s%s", verbs.n > 0 ? " " : "",
				       c->verb);
	session_answer(of(d), REPLY_HELP, buf_slice(&verbs));
	buf_done(&verbs);
}

/* clang-format off */
const struct dialogue_command session_commands[] = {
	{ .verb = "EHLO", .in = ANY,            .run = cmd_ehlo },
	{ .verb = "HELO", .in = ANY,            .run = cmd_helo },
	{ .verb = "MAIL", .in = READY | FAILED, .run = cmd_mail },
	{ .verb = "RCPT", .in = ADDRESSING,     .run = cmd_rcpt },
	{ .verb = "DATA", .in = ADDRESSING,     .run = cmd_data },
	{ .verb = "BDAT", .in = ANY,            .run = cmd_bdat },
	{ .verb = "RSET", .in = ANY,            .run = cmd_rset },
	{ .verb = "NOOP", .in = ANY,            .run = cmd_noop },
	{ .verb = "QUIT", .in = ANY,            .run = cmd_quit },
	{ .verb = "VRFY", .in = ANY,            .run = cmd_vrfy },
	{ .verb = "HELP", .in = ANY,            .run = cmd_help },
	{ .verb = "EXPN", .in = ANY,            .run = cmd_not_offered },
	{ .verb = "AUTH", .in = ANY,            .run = session_auth },
	{ .verb = "STARTTLS", .in = ANY,        .run = session_starttls },
	{ .verb = "XCLIENT", .in = STRANGER | READY,
	  .run = session_xclient },
	{ .verb = "TURN", .in = ANY,            .run = cmd_not_offered },
	{ .verb = "ETRN", .in = ANY,            .run = cmd_not_offered },
	{ .verb = "SEND", .in = ANY,            .run = cmd_not_offered },
	{ .verb = "SOML", .in = ANY,            .run = cmd_not_offered },
	{ .verb = "SAML", .in = ANY,            .run = cmd_not_offered },
	{ .verb = "GET", .in = ANY,             .run = cmd_http },
	{ .verb = "POST", .in = ANY,            .run = cmd_http },
	{ .verb = "PUT", .in = ANY,             .run = cmd_http },
	{ .verb = "HEAD", .in = ANY,            .run = cmd_http },
	{ .verb = "OPTIONS", .in = ANY,         .run = cmd_http },
	{ .verb = "CONNECT", .in = ANY,         .run = cmd_http },
	{ .verb = "Host:", .in = ANY,           .run = cmd_http },
	{ .verb = NULL },
};
/* clang-format on */
