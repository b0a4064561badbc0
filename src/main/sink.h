/* SPDX-License-Identifier: ISC */
/* Where log records go: the journal with all their fields, syslog, or
 * standard error as one line of text. */
#pragma once

#include "base/log.h"

/* Install the sink. to: "auto", "journal", "syslog", "stderr" or "none".
 * auto is standard error where a person is looking (nobody's connection is on
 * standard input, or standard error is a terminal), else the journal, else
 * syslog. level: records above it (syslog's numbers) are dropped. program: a
 * literal. 0, or -ENOTSUP for a journal in a build without libsystemd. */
int sink_install(const char *program, struct slice to, int level,
		 bool person_looks) MUST_LOOK;

/* Is there a journal to write to? One file for each answer that configure
 * may give: sink_journal.c, sink_no_journal.c. */
bool sink_journal_there(void);
log_sink sink_journal;
