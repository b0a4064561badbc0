/* SPDX-License-Identifier: ISC */
/* Where log records go: the journal with all their fields, syslog, or
 * standard error as one line of text. */
#pragma once

#include "base/buf.h"
#include "base/log.h"

/* Install the sink. to: "auto", "journal", "syslog", "stderr" or "none".
 * auto is standard error where a person is looking (nobody's connection is on
 * standard input, or standard error is a terminal), else the journal, else
 * syslog. level: records above it (syslog's numbers) are dropped. program: a
 * literal. 0, or -ENOTSUP for a journal where there is none. */
int sink_install(const char *program, struct slice to, int level,
		 bool person_looks) MUST_LOOK;

/* Is there a journal to write to? (sink_journal.c) */
bool sink_journal_there(void);
log_sink sink_journal;

/* What it sends, as the journal's native protocol has it; fields that `ret` has
 * no room for are left out. */
void sink_journal_record(struct buf *ret, const struct log_kind *kind,
			 const struct log_field *fields, size_t n);
