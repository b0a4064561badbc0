/* SPDX-License-Identifier: ISC */
/* A maildrop in memory: stands in for the store's, so that a test can make
 * it fail where it likes. */
#pragma once

#include "store/maildrop.h"

struct maildrop {
	const char *const *messages; /* CRLF lines */
	size_t n;
	size_t piece;   /* octets given at once; 0: all */
	int read_error; /* … behind the first piece, or before it */
	bool error_first;
	int expunge_error, finish_error;
	size_t expunged; /* messages marked, when asked */
	unsigned expunges, finishes;
	unsigned closed;
	void (*on_finish)(void *context); /* or NULL */
	void *context;
};
