/* SPDX-License-Identifier: ISC */
/* The messages of a mailbox, read from its file in one pass (mail/mboxrd.h has
 * the scanner). */
#pragma once

#include <stdatomic.h>

#include "mail/mboxrd.h"

/* What a scan of at … size of the mailbox sees; a message begins at `at`. Where
 * there is much to read and this process may have a second thread, two of them
 * read (scout.h); `seen` is called by this one, in order. 0, an error of
 * `seen`, -EIO where it has become shorter, or as mbox_scan_end. */
int scan_mailbox(int mailbox, uint64_t at, uint64_t size, mbox_span_seen *seen,
		 void *context) MUST_LOOK;

/* The same by this thread alone; and until somebody says stop, -ECANCELED. */
int scan_alone(int mailbox, uint64_t at, uint64_t size, mbox_span_seen *seen,
	       void *context) MUST_LOOK;
int scan_until(int mailbox, uint64_t at, uint64_t size, mbox_span_seen *seen,
	       void *context, const atomic_bool *stop) MUST_LOOK;
