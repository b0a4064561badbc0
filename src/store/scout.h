/* SPDX-License-Identifier: ISC */
/* A mailbox scanned by two threads: one reads on from where it is, the other, a
 * stride ahead.
 *
 * Where a message begins cannot be known in the middle of a file, for that
 * depends on what stands before. So the one ahead begins at the first line that
 * could begin a message, and what it found from there is believed only if the
 * other comes to that very place as the end of a message; else that one reads
 * it himself. What is seen is what one thread sees, in the same order, as long
 * as nobody changes what has been read. */
#pragma once

#include "mail/mboxrd.h"

struct scout;

/* For a scan up to `size`; stride: as many octets each reads at a time, about.
 * NULL: there is no memory, or no thread may be had (RLIMIT_NPROC). */
struct scout *scout_new(int mailbox, uint64_t size, uint64_t stride);

/* As scan_mailbox (scan.h): what stands from `at` on. `seen` is called by this
 * thread. -EIO also where a message is no more that has been there. Once for
 * each scout. */
int scout_scan(struct scout *s, uint64_t at, mbox_span_seen *seen,
	       void *context) MUST_LOOK;

/* Octets of what was seen that the thread ahead has read. */
uint64_t scout_helped(const struct scout *s);

/* The thread has ended when this returns. NULL is no matter. */
void scout_free(struct scout *s);
