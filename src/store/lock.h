/* SPDX-License-Identifier: ISC */
/* The locks of a mailbox that is read or changed: fcntl, then dotlock (Debian
 * policy §11.6), with a bounded wait. */
#pragma once

#include "store/dotlock.h"

struct lock {
	int fd; /* borrowed */
	struct dotlock dotlock;
};

/* Take both for the mailbox `fd`; in a place that is read_only only fcntl's,
 * shared. While one is waited for,
 * none is held, so that programs with another order cannot deadlock with us.
 * 0, -EAGAIN past options->lock_wait_ms, or -errno. */
int lock_take(const struct place *p, int fd,
	      const struct store_options *options, struct lock *ret) MUST_LOOK;
void lock_release(const struct place *p, struct lock *l);
