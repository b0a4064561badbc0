/* SPDX-License-Identifier: ISC */
/* The journal of a build without libsystemd: there is none. */
#include "main/sink.h"

bool sink_journal_there(void)
{
	return false;
}

void sink_journal(void *context, const struct log_kind *kind,
		  const struct log_field *fields, size_t n)
{
	(void)context;
	(void)kind;
	(void)fields;
	(void)n;
}
