/* SPDX-License-Identifier: ISC */
/* Every mailbox below the mail directory. */
#pragma once

#include "store/store.h"

/* 0, or an error that ends the walk. */
typedef int store_seen(void *context, struct slice mailbox);

/* In the order of their names: files that may be mailboxes, and those one
 * folder down. 0, an error of `seen`, -ENOMEM, or -errno of reading the
 * directory. */
int store_walk(const struct store *s, store_seen *seen,
	       void *context) MUST_LOOK;
