/* SPDX-License-Identifier: ISC */
/* Bytes on their way from one mailbox to another, in a file without a name:
 * memory stays bounded, and nothing is left behind. */
#pragma once

#include "base/buf.h"
#include "base/digest.h"

struct spool {
	int fd;
	uint64_t n; /* octets in the file; all once spool_end was called */
	struct digest digest;
	struct buf block; /* not yet written */
};

#define SPOOL_NONE ((struct spool){ .fd = -1 })

/* In $TMPDIR or /var/tmp. 0 or -errno. */
int spool_open(struct spool *ret) MUST_LOOK;
void spool_done(struct spool *s);

/* Empty it. */
int spool_reset(struct spool *s) MUST_LOOK;

/* Add bytes (an mboxrd_out; `context` is the spool); all are in the file once
 * spool_end returns 0. */
int spool_put(void *context, struct slice bytes) MUST_LOOK;
int spool_end(struct spool *s) MUST_LOOK;
