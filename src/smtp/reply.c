/* SPDX-License-Identifier: ISC */
/* See reply.h: every reply the server gives, and how it is put on the wire.
 * Never sends a byte of the peer's that could end a line. */
#include "smtp/reply.h"

#include <assert.h>

#define LINE_MAX_OCTETS 512 /* RFC 5321 §4.5.3.1.5, with CRLF */

/* clang-format off */
static const struct reply_row rows[] = {
	{ REPLY_OK, 250, "2.0.0", "ok", "RFC 5321 §4.2.2" },
	{ REPLY_BANNER, 220, "", "%s ESMTP postern", "RFC 5321 §4.2" },
	{ REPLY_HELO, 250, "", "%s", "RFC 5321 §4.1.1.1" },
	{ REPLY_START_TLS, 220, "2.0.0", "ready for TLS", "RFC 3207 §4" },
	{ REPLY_BYE, 221, "2.0.0", "%s closing connection",
	  "RFC 5321 §4.1.1.10" },
	{ REPLY_LOGGED_IN, 235, "2.7.0", "you are logged in", "RFC 4954 §6" },
	{ REPLY_HELP, 214, "2.0.0", "commands: %s", "RFC 5321 §4.1.1.8" },
	{ REPLY_SENDER_OK, 250, "2.1.0", "sender ok", "RFC 3463 §3.2" },
	{ REPLY_RCPT_OK, 250, "2.1.5", "recipient ok", "RFC 3463 §3.2" },
	{ REPLY_RESET, 250, "2.0.0", "forgotten", "RFC 5321 §4.1.1.5" },
	{ REPLY_NOOP, 250, "2.0.0", "nothing done", "RFC 5321 §4.1.1.9" },
	{ REPLY_ACCEPTED, 250, "2.6.0", "accepted as %s", "RFC 3463 §3.7" },
	{ REPLY_CHUNK_OK, 250, "2.0.0", "octets received: %s",
	  "RFC 3030 §2" },
	{ REPLY_CANNOT_VRFY, 252, "2.5.2",
	  "cannot verify; send a message and see", "RFC 5321 §3.5.3, 5248" },
	{ REPLY_START_DATA, 354, "", "send the message, end it with a dot",
	  "RFC 5321 §4.1.1.4" },
	{ REPLY_SHUTTING, 421, "4.3.2", "not available now, try again later",
	  "RFC 5321 §3.8" },
	{ REPLY_CONFIG, 421, "4.3.5",
	  "our configuration is broken, try again later", "RFC 3463 §3.4" },
	{ REPLY_TIMEOUT, 421, "4.4.2", "waited too long, closing connection",
	  "RFC 5321 §4.5.3.2" },
	{ REPLY_TOO_MANY_ERRORS, 421, "4.7.0",
	  "too many errors, closing connection", "RFC 5321 §4.3.2" },
	{ REPLY_MANY_SESSIONS, 421, "4.3.2",
	  "too many connections, try again later", "RFC 5321 §3.8" },
	{ REPLY_MANY_OF_SOURCE, 421, "4.7.0",
	  "too many connections from you, try again later",
	  "RFC 5321 §3.8, 3463 §3.8" },
	{ REPLY_TOO_MANY_COMMANDS, 421, "4.7.0",
	  "too many commands, closing connection", "RFC 5321 §4.3.2" },
	{ REPLY_TOO_FAST, 421, "4.7.0",
	  "too many connections from you, try again later",
	  "RFC 5321 §3.8, 3463 §3.8" },
	{ REPLY_MAILBOX_BUSY, 450, "4.2.1", "mailbox busy, try again later",
	  "RFC 5321 §4.2.2" },
	{ REPLY_SLOW_DOWN, 450, "4.7.1",
	  "too much at once from you, try again later",
	  "RFC 5321 §4.2.3, 3463 §3.8" },
	{ REPLY_LOCAL_ERROR, 451, "4.3.0", "trouble here, try again later",
	  "RFC 5321 §4.2.2" },
	{ REPLY_GREYLISTED, 451, "4.7.1",
	  "greylisted, try again in a few minutes", "RFC 6647 §2.4" },
	{ REPLY_LOCAL_CONFIG, 451, "4.3.5",
	  "our configuration is broken, try again later", "RFC 3463 §3.4" },
	{ REPLY_NO_SPACE, 452, "4.3.1", "no space left, try again later",
	  "RFC 3463 §3.4" },
	{ REPLY_TOO_MANY_RCPTS, 452, "4.5.3",
	  "too many recipients, send the rest separately",
	  "RFC 5321 §4.5.3.1.10" },
	{ REPLY_MAILBOX_FULL, 452, "4.2.2", "mailbox full, try again later",
	  "RFC 5321 §4.5.3.1.10, 3463 §3.3" },
	{ REPLY_TLS_AGAIN, 454, "4.7.0",
	  "TLS is out of order, try again later", "RFC 3207 §4" },
	{ REPLY_LOGIN_AGAIN, 454, "4.7.0",
	  "logins are out of order, try again later", "RFC 4954 §4.1" },
	{ REPLY_LOGIN_WAIT, 454, "4.7.0",
	  "too many failed logins, try again later", "RFC 4954 §4.1" },
	{ REPLY_UNKNOWN, 500, "5.5.2", "unknown command: %s",
	  "RFC 5321 §4.2.4" },
	{ REPLY_LINE_TOO_LONG, 500, "5.5.6", "line too long",
	  "RFC 5321 §4.5.3.1.4" },
	{ REPLY_BARE_NEWLINE, 521, "5.5.2",
	  "bare CR or LF: lines end in CRLF, closing connection",
	  "RFC 5321 §2.3.8, 7504" },
	{ REPLY_SYNTAX, 501, "5.5.4", "syntax error: %s", "RFC 5321 §4.3.2" },
	{ REPLY_LOGIN_CANCELLED, 501, "5.0.0", "login cancelled",
	  "RFC 4954 §4" },
	{ REPLY_LOGIN_MALFORMED, 501, "5.5.2",
	  "that is no response of this mechanism", "RFC 4954 §4" },
	{ REPLY_BAD_SENDER, 501, "5.1.7", "bad sender address: %s",
	  "RFC 3463 §3.2" },
	{ REPLY_BAD_RCPT, 501, "5.1.3", "bad recipient address: %s",
	  "RFC 3463 §3.2" },
	{ REPLY_NOT_NOW, 503, "5.5.1", "not now: %s", "RFC 5321 §4.3.2" },
	{ REPLY_BAD_PARAM, 555, "5.5.4", "parameter not known: %s",
	  "RFC 5321 §4.1.1.11" },
	{ REPLY_BAD_PARAM_VALUE, 501, "5.5.4",
	  "parameter twice or with a bad value: %s", "RFC 5321 §4.1.1.11" },
	{ REPLY_NOT_IMPLEMENTED, 502, "5.5.1", "command not available",
	  "RFC 5321 §4.2.4" },
	{ REPLY_NO_MECHANISM, 504, "5.5.4", "no such way to log in here: %s",
	  "RFC 4954 §4" },
	{ REPLY_NEED_TLS, 530, "5.7.0", "say STARTTLS first", "RFC 3207 §4" },
	{ REPLY_LOGIN_REFUSED, 535, "5.7.8", "wrong name or password",
	  "RFC 4954 §6" },
	{ REPLY_LOGIN_NEEDS_TLS, 538, "5.7.11",
	  "no passwords without TLS, say STARTTLS first", "RFC 4954 §6, 5248" },
	{ REPLY_INJECTION, 554, "5.5.1",
	  "nothing may follow STARTTLS before TLS, closing connection",
	  "RFC 3207 §4, 5" },
	{ REPLY_EARLY_TALKER, 554, "5.5.1",
	  "you spoke before you were greeted, closing connection",
	  "RFC 5321 §4.3.1" },
	{ REPLY_NOT_SMTP, 554, "5.5.1", "this is an SMTP port, closing "
	  "connection", "RFC 5321 §4.3.1" },
	{ REPLY_NO_USER, 550, "5.1.1", "no such user here", "RFC 3463 §3.2" },
	{ REPLY_RELAY_DENIED, 550, "5.7.1", "no relaying for you",
	  "RFC 3463 §3.8" },
	{ REPLY_XCLIENT_DENIED, 550, "5.7.1",
	  "you may not speak for others", "Postfix XCLIENT_README" },
	{ REPLY_NEED_LOGIN, 530, "5.7.0", "log in first", "RFC 4954 §6" },
	{ REPLY_LISTED, 550, "5.7.1", "refused by a list: %s",
	  "RFC 5782 §2.1, 3463 §3.8" },
	{ REPLY_HELO_WRONG, 550, "5.7.1", "not what you may call yourself: %s",
	  "RFC 5321 §4.1.1.1, 3463 §3.8" },
	{ REPLY_NAMELESS, 550, "5.7.25",
	  "your address has no name that leads back to it", "RFC 7372 §3.3" },
	{ REPLY_SENDER_DENIED, 550, "5.7.1",
	  "you may not send from this address", "RFC 3463 §3.8" },
	{ REPLY_SENDER_NOT_YOURS, 553, "5.7.1",
	  "that address is not yours to send from", "RFC 6409 §6.1" },
	{ REPLY_TOO_BIG, 552, "5.3.4", "message too big", "RFC 1870 §6.1" },
	{ REPLY_MAILBOX_TOO_SMALL, 552, "5.2.2",
	  "message larger than the mailbox may be", "RFC 1870 §6.1, 3463 §3.3" },
	{ REPLY_TEXT_LINE, 554, "5.6.0", "a line of the message is too long",
	  "RFC 5321 §4.5.3.1.6" },
	{ REPLY_LOOP, 554, "5.4.6", "too many hops, a mail loop",
	  "RFC 5321 §6.3, 3463 §3.5" },
	{ REPLY_NEED_UTF8, 553, "5.6.7", "this address needs SMTPUTF8",
	  "RFC 6531 §3.5" },
	{ REPLY_NO_RCPTS, 554, "5.5.1", "no valid recipients",
	  "RFC 5321 §3.3" },
	{ REPLY_TOO_MANY_TARGETS, 550, "5.1.6",
	  "alias leads to too many recipients", "RFC 3463 §3.2" },
};
/* clang-format on */

static_assert(ARRAY_LEN(rows) == REPLY_COUNT, "a row for each reply");

const struct reply_row *reply_row(enum reply_id id)
{
	const struct reply_row *row = rows;

	while (row->id != id) {
		row++;
		assert(row < rows + ARRAY_LEN(rows)); /* a test walks them */
	}
	return row;
}

static void put_detail(struct stream *s, struct slice detail)
{
	for (size_t i = 0; i < detail.n; i++) {
		bool good = detail.p[i] >= ' ' && detail.p[i] < 127;

		stream_put(s, good ? (struct slice){ detail.p + i, 1 }
				   : SLICE("?"));
	}
}

void reply_put(struct stream *s, struct verdict v)
{
	const struct reply_row *row = reply_row(v.reply);
	struct slice text = slice_of(row->text);
	struct slice enhanced = slice_of(row->enhanced);
	size_t at = 0;
	bool shown;

	while (at < text.n && !slice_starts(slice_from(text, at), SLICE("%s")))
		at++;
	shown = at < text.n;
	stream_printf(s, "%u %s%s", row->code, row->enhanced,
		      enhanced.n > 0 ? " " : "");
	if (shown && v.detail.n == 0) {
		/* "why: %s" without a why */
		stream_put(s, slice_upto(slice_upto(text, at),
					 slice_find(text, ':')));
	} else {
		stream_put(s, slice_upto(text, at));
		put_detail(s, slice_upto(shown ? v.detail : SLICE_NONE,
					 LINE_MAX_OCTETS - 14 - text.n));
		stream_put(s, slice_from(text, at + 2));
	}
	stream_put(s, SLICE("\r\n"));
}
