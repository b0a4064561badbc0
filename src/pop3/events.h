/* SPDX-License-Identifier: ISC */
/* What the POP3 server says to the log. */
#pragma once

#include "base/log.h"

/* SESSION PEER USER COUNT (messages) */
extern const struct log_kind pop3_event_login;

/* SESSION PEER USER STATUS (why: the response code) */
extern const struct log_kind pop3_event_login_failed;

/* SESSION PEER USER STATUS (quit, closed, timeout, error)
 * COUNT (messages read) SIZE (octets of them) DETAIL (messages removed) */
extern const struct log_kind pop3_event_logout;

/* SESSION PEER USER DETAIL (why): deletions that stand, but are still to be
 * carried out */
extern const struct log_kind pop3_event_unfinished;

/* SESSION PEER USER DETAIL: deletions that could not be done, a message that
 * could not be read to its end */
extern const struct log_kind pop3_event_trouble;
