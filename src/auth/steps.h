/* SPDX-License-Identifier: ISC */
/* What a session needs for logins: SASL (RFC 4422) as SMTP (RFC 4954) and POP3
 * (RFC 5034) carry it, and POP3's own USER and PASS. The session moves base64
 * to and fro; who judges it, and where, it does not know. */
#pragma once

#include "net/line.h"

#define AUTH_LINE_MAX                                                          \
	12288 /* octets of a response, CRLF included: RFC 4954 §4             \
	       */

enum auth_step {
	AUTH_STEP_MORE, /* a challenge: send it, read a response */
	AUTH_STEP_YES,
	AUTH_STEP_NO,           /* 535 5.7.8, [AUTH]: which part was wrong is
				   not told */
	AUTH_STEP_AGAIN,        /* our trouble: 454 4.7.0, [SYS/TEMP] */
	AUTH_STEP_WAIT,         /* too many failures: 454 4.7.0, [SYS/TEMP] */
	AUTH_STEP_MALFORMED,    /* not base64, not the mechanism's syntax:
				   501 5.5.2, -ERR */
	AUTH_STEP_NO_MECHANISM, /* unknown, or not to be had now: 504 5.5.4 */
	AUTH_STEP_NEED_TLS,     /* 538 5.7.11 */
};

struct auth_hooks {
	void *context;
	/* The mechanisms to be had now, with blanks between; "": none. Valid
	 * until the next call. */
	const char *(*mechanisms)(void *context);
	/* Begin. initial: the initial response in base64, "=" for an empty
	 * one, .p NULL for none. *ret: with MORE the challenge in base64
	 * (perhaps empty), with YES the name of who it is; valid until the
	 * next call. */
	enum auth_step (*begin)(void *context, struct slice mechanism,
				struct slice initial, struct slice *ret);
	/* The response to MORE, in base64. */
	enum auth_step (*next)(void *context, struct slice response,
			       struct slice *ret);
	/* The client said "*", or went away: after MORE only. */
	void (*cancel)(void *context);
	/* A name and a password, as USER and PASS give them. Never MORE. */
	enum auth_step (*password)(void *context, struct slice name,
				   struct slice password, struct slice *ret);
	/* A login will follow soon: get ready. May be NULL. */
	void (*expect)(void *context);
};

/* Read the line that answers MORE. LINE_OK: the response, or .p NULL where the
 * client said "*" (RFC 4954 §4, RFC 5034 §4). Whenever it is no response the
 * exchange has been cancelled. */
enum line_event auth_read(const struct auth_hooks *h, struct stream *s,
			  bool lenient, struct slice *ret) MUST_LOOK;

/* As h->begin (initial empty: there is none) and h->next; what the client said,
 * which lies in the stream's buffer, is wiped there. */
enum auth_step auth_begin(const struct auth_hooks *h, struct slice mechanism,
			  struct slice initial, struct slice *ret);
enum auth_step auth_next(const struct auth_hooks *h, struct slice response,
			 struct slice *ret);
