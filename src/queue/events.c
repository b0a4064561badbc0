/* SPDX-License-Identifier: ISC */
/* See events.h. */
#include "queue/events.h"

#include <syslog.h>

const struct log_kind queue_event_bad = {
	"a4c01bee9acb4e9293565946eac40571",
	LOG_ERR,
	"queue file not understood, moved to bad/",
};

const struct log_kind queue_event_closed = {
	"6f0b0b8e2d5a4c0c9d8f4b1c7a3e5920",
	LOG_ERR,
	"what lies in the queue may not be opened, it waits",
};
