/* SPDX-License-Identifier: ISC */
/* What the queue logs. */
#pragma once

#include "base/log.h"

/* A file that cannot be understood was moved to bad/. QUEUE_ID (its name),
 * DETAIL. */
extern const struct log_kind queue_event_bad;

/* What lies in the queue may not be opened: root's, perhaps. Once for each
 * opening of the queue. PLACE (its path below), REMEDY. */
extern const struct log_kind queue_event_closed;
