/* SPDX-License-Identifier: ISC */
/* What the queue logs. */
#pragma once

#include "base/log.h"

/* A file that cannot be understood was moved to bad/. QUEUE_ID (its name),
 * DETAIL. */
extern const struct log_kind queue_event_bad;
