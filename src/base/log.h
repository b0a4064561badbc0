/* SPDX-License-Identifier: ISC */
/* One event, one record. Engines say what happened; the sink that the program
 * installed (journal, syslog, standard error, or a test's list) decides where
 * it goes. Secrets are never formatted; sinks escape what strangers wrote. */
#pragma once

#include "base/slice.h"

#define LOG_FIELDS_MAX 24

/* An event of which many records are written; one const object each.
 * doc/events.md lists them all, and a test compares. */
struct log_kind {
	const char *id;   /* 32 hex digits: MESSAGE_ID= in the journal */
	int level;        /* as syslog(3): LOG_INFO … */
	const char *text; /* a short sentence, no field values in it */
};

/* A field as it goes to the journal: POSTERN_PEER=…, written without
 * the prefix: { "PEER", value }. */
struct log_field {
	const char *name;
	struct slice value;
};

typedef void log_sink(void *context, const struct log_kind *kind,
		      const struct log_field *fields, size_t n);

/* NULL: drop everything (the default). */
void log_set_sink(log_sink *sink, void *context);

void log_event(const struct log_kind *kind, const struct log_field *fields,
	       size_t n);

/* The record as one line of text for sinks that have no fields:
 * "accepted queue-id=… from=…"; values are escaped and quoted where needed.
 * Appends to `line`; cut at its ceiling. */
struct buf;
void log_format(struct buf *line, const struct log_kind *kind,
		const struct log_field *fields, size_t n);
