/* SPDX-License-Identifier: ISC */
/* SMTP replies. Ours: one row of one table each (code, enhanced code, text,
 * source). Theirs: the grammar of RFC 5321 §4.2, read strictly in form and
 * leniently in code. */
#pragma once

#include "base/buf.h"
#include "net/stream.h"

/* Every reply the server can give; the table in reply.c has a row for each. */
enum reply_id {
	REPLY_OK,                /* 250 2.0.0 */
	REPLY_BANNER,            /* 220 */
	REPLY_HELO,              /* 250, HELO and the first line of EHLO */
	REPLY_START_TLS,         /* 220 2.0.0 */
	REPLY_BYE,               /* 221 2.0.0 */
	REPLY_LOGGED_IN,         /* 235 2.7.0 */
	REPLY_HELP,              /* 214 2.0.0 */
	REPLY_SENDER_OK,         /* 250 2.1.0 */
	REPLY_RCPT_OK,           /* 250 2.1.5 */
	REPLY_RESET,             /* 250 2.0.0 */
	REPLY_NOOP,              /* 250 2.0.0 */
	REPLY_ACCEPTED,          /* 250 2.6.0 accepted, detail: the id */
	REPLY_CHUNK_OK,          /* 250 2.0.0 so many octets received */
	REPLY_CANNOT_VRFY,       /* 252 2.5.2 */
	REPLY_START_DATA,        /* 354 */
	REPLY_SHUTTING,          /* 421 4.3.2 */
	REPLY_CONFIG,            /* 421 4.3.5 our configuration is broken */
	REPLY_TIMEOUT,           /* 421 4.4.2 */
	REPLY_TOO_MANY_ERRORS,   /* 421 4.7.0 */
	REPLY_MANY_SESSIONS,     /* 421 4.3.2 */
	REPLY_MANY_OF_SOURCE,    /* 421 4.7.0 */
	REPLY_TOO_MANY_COMMANDS, /* 421 4.7.0 */
	REPLY_TOO_FAST,          /* 421 4.7.0 too many connections */
	REPLY_MAILBOX_BUSY,      /* 450 4.2.1 */
	REPLY_SLOW_DOWN,         /* 450 4.7.1 too many messages, recipients */
	REPLY_LOCAL_ERROR,       /* 451 4.3.0 */
	REPLY_GREYLISTED,        /* 451 4.7.1 */
	REPLY_LOCAL_CONFIG,      /* 451 4.3.5 */
	REPLY_NO_SPACE,          /* 452 4.3.1 */
	REPLY_TOO_MANY_RCPTS,    /* 452 4.5.3 */
	REPLY_MAILBOX_FULL,      /* 452 4.2.2 */
	REPLY_TLS_AGAIN,         /* 454 4.7.0 instead of a handshake */
	REPLY_LOGIN_AGAIN,       /* 454 4.7.0 */
	REPLY_LOGIN_WAIT,        /* 454 4.7.0 too many failures */
	REPLY_UNKNOWN,           /* 500 5.5.2 */
	REPLY_LINE_TOO_LONG,     /* 500 5.5.6 */
	REPLY_BARE_NEWLINE,      /* 521 5.5.2 … and the connection ends */
	REPLY_SYNTAX,            /* 501 5.5.4 */
	REPLY_LOGIN_CANCELLED,   /* 501 5.0.0 */
	REPLY_LOGIN_MALFORMED,   /* 501 5.5.2 */
	REPLY_BAD_SENDER,        /* 501 5.1.7 detail: why */
	REPLY_BAD_RCPT,          /* 501 5.1.3 detail: why */
	REPLY_NOT_NOW,           /* 503 5.5.1 detail: what is missing */
	REPLY_BAD_PARAM,         /* 555 5.5.4 parameter not recognised */
	REPLY_BAD_PARAM_VALUE,   /* 501 5.5.4 */
	REPLY_NOT_IMPLEMENTED,   /* 502 5.5.1 */
	REPLY_NO_MECHANISM,      /* 504 5.5.4 */
	REPLY_NEED_TLS,          /* 530 5.7.0 */
	REPLY_LOGIN_REFUSED,     /* 535 5.7.8 */
	REPLY_LOGIN_NEEDS_TLS,   /* 538 5.7.11 */
	REPLY_INJECTION,         /* 554 5.5.1 … and the connection ends */
	REPLY_EARLY_TALKER,      /* 554 5.5.1 */
	REPLY_NOT_SMTP,          /* 554 5.5.1 HTTP and the like */
	REPLY_NO_USER,           /* 550 5.1.1 */
	REPLY_RELAY_DENIED,      /* 550 5.7.1 */
	REPLY_XCLIENT_DENIED,    /* 550 5.7.1 */
	REPLY_NEED_LOGIN,        /* 530 5.7.0 */
	REPLY_LISTED,            /* 550 5.7.1 detail: list, why */
	REPLY_HELO_WRONG,        /* 550 5.7.1 detail: why */
	REPLY_NAMELESS,          /* 550 5.7.25 */
	REPLY_SENDER_DENIED,     /* 550 5.7.1 */
	REPLY_SENDER_NOT_YOURS,  /* 553 5.7.1 */
	REPLY_TOO_BIG,           /* 552 5.3.4 */
	REPLY_MAILBOX_TOO_SMALL, /* 552 5.2.2 */
	REPLY_TEXT_LINE,         /* 554 5.6.0 a line of the message too long */
	REPLY_LOOP,              /* 554 5.4.6 */
	REPLY_NEED_UTF8,         /* 553 5.6.7 address needs SMTPUTF8 */
	REPLY_NO_RCPTS,          /* 554 5.5.1 no valid recipients */
	REPLY_TOO_MANY_TARGETS,  /* 550 5.1.6 … alias too large */
	REPLY_COUNT,
};

/* What the peer is told: a row, and a detail that replaces (or is added to)
 * its text as the row says. */
struct verdict {
	enum reply_id reply;
	struct slice detail;
};

struct reply_row {
	enum reply_id id;
	unsigned code;
	const char *enhanced; /* "" where RFC 2034 §4 forbids one */
	const char *text;     /* "%s" takes the detail; without one it ends
				 before the ": %s". No "%s": the detail is
				 not shown */
	const char *source;   /* "RFC 5321 §4.2.3" */
};
const struct reply_row *reply_row(enum reply_id id);

/* Put the reply on the stream: what is not printable US-ASCII in the detail
 * becomes '?'; at most 512 octets with CRLF (RFC 5321 §4.5.3.1.5). */
void reply_put(struct stream *s, struct verdict v);

/* ---- theirs ---- */

/* A reply from a server we talk to. `text`: all its lines, joined by LF,
 * without code and hyphen, enhanced code kept in front; bounded. */
struct reply {
	unsigned code;     /* 200 … 599 */
	char enhanced[12]; /* "5.1.1" or "" */
	struct buf text;
};

/* Read one, however many lines. 0, -EPROTO (not a reply), -EMSGSIZE,
 * -ECONNRESET (end of input), -ETIMEDOUT, … */
int reply_read(struct stream *s, struct reply *ret) MUST_LOOK;
void reply_done(struct reply *r);
