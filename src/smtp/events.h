/* SPDX-License-Identifier: ISC */
/* What an SMTP session logs. All carry SESSION, PEER and ROLE. */
#pragma once

#include "base/log.h"

/* A message is ours now: QUEUE_ID, FROM, TO (the first), COUNT, SIZE. */
extern const struct log_kind smtp_event_accepted;

/* A message was not taken: QUEUE_ID, FROM, TO (the first), COUNT, REPLY. */
extern const struct log_kind smtp_event_refused;

/* A MAIL command was refused: FROM (as it was given), REPLY. */
extern const struct log_kind smtp_event_mail_refused;

/* A RCPT command was refused: FROM, TO, REPLY. */
extern const struct log_kind smtp_event_rcpt_refused;

/* Somebody logged in: USER. */
extern const struct log_kind smtp_event_login;

/* Somebody did not: REPLY. */
extern const struct log_kind smtp_event_login_failed;

/* The session is over: HELO, COUNT (messages taken), REPLY (the last). */
extern const struct log_kind smtp_event_end;
