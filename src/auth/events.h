/* SPDX-License-Identifier: ISC */
/* What the judge of logins says to the log. */
#pragma once

#include "base/log.h"

/* PEER (first: programs that look for it find it in one place) SERVICE USER
 * MECHANISM SESSION */
extern const struct log_kind auth_event_passed;

/* likewise, and STATUS: no, wait, again, malformed */
extern const struct log_kind auth_event_failed;

/* SESSION PEER PLACE (the program that was to be started, or the socket)
 * STATUS REMEDY: what the handler says, who has no other judge. */
extern const struct log_kind auth_event_unanswered;

/* DETAIL (which) PLACE (the file) STATUS */
extern const struct log_kind auth_event_without;

/* PLACE (the passwords file) DETAIL (the users file) STATUS */
extern const struct log_kind auth_event_unjudged;

/* PLACE (our module of it: not installed, or of another version) */
extern const struct log_kind auth_event_no_library;
