/* SPDX-License-Identifier: ISC */
/* Putting complaints into words. What strangers wrote is quoted: escaped and
 * cut. */
#pragma once

#include "conf/settings.h"

#define COMPLAINT_TEXT_MAX  512
#define COMPLAINT_QUOTE_MAX 256

struct complainer {
	settings_complain *complain; /* may be NULL: count only */
	void *context;
	bool fatal; /* one of them was */
};

/* Give out a fatal one; the problem is formatted, and cut where it is over
 * COMPLAINT_TEXT_MAX. */
void complain_fatal(struct complainer *c, struct ini_place at,
		    const char *remedy, const char *problem, ...)
	PRINTF_LIKE(4, 5);

/* The same of one that is no more than a warning. */
void complain_doubtful(struct complainer *c, struct ini_place at,
		       const char *remedy, const char *problem, ...)
	PRINTF_LIKE(4, 5);

/* 'text', fit for a terminal. */
const char *complaint_quote(struct slice s, char ret[COMPLAINT_QUOTE_MAX]);
