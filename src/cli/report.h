/* SPDX-License-Identifier: ISC */
/* Complaints on paper: "file:line: problem", the remedy indented below. */
#pragma once

#include "cli/cli.h"
#include "conf/settings.h"

struct report {
	FILE *out;
	bool colour;
	unsigned broken;   /* fatal complaints so far */
	unsigned doubtful; /* others */
};

/* A settings_complain; `context` is a struct report. */
void report_complaint(void *context, const struct complaint *c);

/* One of our own. `line` 0: none. The problem is formatted. */
void report_broken(struct report *r, const char *file, unsigned line,
		   const char *remedy, const char *problem, ...)
	PRINTF_LIKE(5, 6);
void report_doubtful(struct report *r, const char *file, unsigned line,
		     const char *remedy, const char *problem, ...)
	PRINTF_LIKE(5, 6);
