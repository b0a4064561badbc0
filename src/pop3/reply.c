/* SPDX-License-Identifier: ISC */
/* See reply.h. RFC 1939 §3; response codes: RFC 2449 §8, RFC 3206. */
#include "pop3/reply.h"

#include <assert.h>

/* clang-format off */
static const struct pop3_reply_row rows[] = {
	[POP3_NAME_TAKEN] = { true, NULL, "now the password", "RFC 1939 7" },
	[POP3_UTF8_ON] = { true, NULL, "UTF-8 it is", "RFC 6856 2.1" },
	[POP3_BYE] = { true, NULL, "goodbye", "RFC 1939 6" },
	[POP3_NOTHING_DONE] = { true, NULL, "nothing done", "RFC 1939 5" },
	[POP3_UNKNOWN] = { false, NULL, "unknown command", "RFC 1939 3" },
	[POP3_WRONG_STATE] = { false, NULL, "not in this state",
			       "RFC 1939 3" },
	[POP3_TOO_LONG] = { false, NULL, "command line too long",
			    "RFC 2449 4" },
	[POP3_BARE] = { false, NULL, "a line ends in CR LF, not in one alone",
			"RFC 1939 3" },
	[POP3_TOO_MANY_ERRORS] = { false, NULL, "too many errors",
				   "RFC 1939 3" },
	[POP3_SYNTAX] = { false, NULL, "arguments not understood",
			  "RFC 1939 3" },
	[POP3_NO_ARGUMENT] = { false, NULL, "an argument is missing",
			       "RFC 1939 3" },
	[POP3_NOT_OFFERED] = { false, NULL,
			       "not offered here, see CAPA", "RFC 2449 5" },
	[POP3_NEEDS_TLS] = { false, NULL, "no passwords without TLS",
			     "RFC 2595 2.3" },
	[POP3_BEGIN_TLS] = { true, NULL, "begin TLS", "RFC 2595 4" },
	[POP3_TLS_AGAIN] = { false, "SYS/TEMP",
			     "TLS is out of order, try again later",
			     "RFC 2595 4, 3206 3" },
	[POP3_TLS_IS_ON] = { false, NULL, "TLS is on already", "RFC 2595 4" },
	[POP3_INJECTION] = { false, NULL,
			     "nothing may follow STLS before TLS",
			     "RFC 2595 4" },
	[POP3_NO_MECHANISM] = { false, NULL,
				"no such way to log in here, see CAPA",
				"RFC 5034 4" },
	[POP3_CANCELLED] = { false, NULL, "login cancelled", "RFC 5034 4" },
	[POP3_MALFORMED] = { false, NULL,
			     "that is no response of this mechanism",
			     "RFC 5034 4" },
	[POP3_AUTH_AGAIN] = { false, "SYS/TEMP",
			      "logins are out of order, try later",
			      "RFC 3206 3" },
	[POP3_AUTH_WAIT] = { false, "SYS/TEMP",
			     "too many failed logins, try later",
			     "RFC 3206 3" },
	[POP3_NO_LANGUAGE] = { false, NULL, "no such language here",
			       "RFC 6856 3.2" },
	[POP3_AUTH] = { false, "AUTH", "wrong name or password",
			"RFC 3206 4" },
	[POP3_IN_USE] = { false, "IN-USE",
			  "the mailbox is in use by another session",
			  "RFC 2449 8.1.2" },
	[POP3_LOGIN_TOO_SOON] = { false, "LOGIN-DELAY",
				  "the last login is too short ago",
				  "RFC 2449 8.1.1" },
	[POP3_SYS_TEMP] = { false, "SYS/TEMP",
			    "the mailbox cannot be opened now, try later",
			    "RFC 3206 3" },
	[POP3_SYS_PERM] = { false, "SYS/PERM",
			    "the mailbox cannot be used, tell the postmaster",
			    "RFC 3206 3" },
	[POP3_TOO_MANY_LOGINS] = { false, "AUTH", "too many failed logins",
				   "RFC 3206 4" },
	[POP3_NO_MESSAGE] = { false, NULL, "no such message", "RFC 1939 5" },
	[POP3_IS_DELETED] = { false, NULL, "that message is deleted",
			      "RFC 1939 5" },
	[POP3_CANNOT_READ] = { false, "SYS/TEMP",
			       "the message cannot be read now",
			       "RFC 3206 3" },
	[POP3_NOT_REMOVED] = { false, "SYS/TEMP",
			       "some deleted messages not removed",
			       "RFC 1939 6" },
};
/* clang-format on */

static_assert(ARRAY_LEN(rows) == POP3_REPLIES, "a reply without its row");

const struct pop3_reply_row *pop3_reply_row(enum pop3_reply id)
{
	assert(id < POP3_REPLIES);
	return &rows[id];
}
