/* SPDX-License-Identifier: ISC */
/* See events.h. */
#include "queue/events.h"

#include <syslog.h>

const struct log_kind queue_event_bad = {
	"a4c01bee9acb4e9293565946eac40571",
	LOG_ERR,
	"queue file not understood, moved to bad/",
};
