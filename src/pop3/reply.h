/* SPDX-License-Identifier: ISC */
/* Every fixed reply of the POP3 server: one row each in one table. Replies
 * that carry numbers are made by the command that knows them. */
#pragma once

#include "base/base.h"

enum pop3_reply {
	POP3_NAME_TAKEN,
	POP3_UTF8_ON,
	POP3_BYE,
	POP3_NOTHING_DONE,
	POP3_UNKNOWN,
	POP3_WRONG_STATE,
	POP3_TOO_LONG,
	POP3_BARE,
	POP3_TOO_MANY_ERRORS,
	POP3_SYNTAX,
	POP3_NO_ARGUMENT,
	POP3_NOT_OFFERED,
	POP3_NEEDS_TLS,
	POP3_BEGIN_TLS,
	POP3_TLS_AGAIN,
	POP3_TLS_IS_ON,
	POP3_INJECTION,
	POP3_NO_MECHANISM,
	POP3_CANCELLED,
	POP3_MALFORMED,
	POP3_AUTH_AGAIN,
	POP3_AUTH_WAIT,
	POP3_NO_LANGUAGE,
	POP3_AUTH,
	POP3_IN_USE,
	POP3_LOGIN_TOO_SOON,
	POP3_SYS_TEMP,
	POP3_SYS_PERM,
	POP3_TOO_MANY_LOGINS,
	POP3_NO_MESSAGE,
	POP3_IS_DELETED,
	POP3_CANNOT_READ,
	POP3_NOT_REMOVED,
	POP3_REPLIES /* how many there are */
};

struct pop3_reply_row {
	bool ok;
	const char *code; /* RFC 2449 §8, RFC 3206; NULL: none */
	const char *text;
	const char *source;
};

const struct pop3_reply_row *pop3_reply_row(enum pop3_reply id);
