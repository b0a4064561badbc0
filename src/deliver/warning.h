/* SPDX-License-Identifier: ISC */
/* The message in which the owner of a mailbox reads that it fills up. */
#pragma once

#include "store/quota.h"

struct warning {
	struct slice host;       /* ours */
	struct slice postmaster; /* From: */
	struct slice to;
	int64_t now_us;
	struct quota quota;
	struct usage usage; /* messages where they are limited */
	unsigned again;     /* he is told anew once the share was below it */
};

/* Header and text, LF lines: RFC 5322, 3834 (nobody's program is to answer
 * it). 0 or as buf_put. */
int warning_write(struct buf *b, const struct warning *w) MUST_LOOK;
