/* SPDX-License-Identifier: ISC */
/* Can two of these messages have the same digest? Asked while a new index is
 * filled, so that nearly all mailboxes need no numbering (uidl.h) and its
 * passes. Bits, as many for a mailbox of any size: a "no" is certain; a "yes"
 * may be wrong, and will be from some 300,000 messages on. */
#pragma once

#include "base/base.h"

#define UIDL_SIEVE_WORDS ((size_t)1 << 17) /* 1 MiB */

struct uidl_sieve {
	bool twins; /* the answer so far */
	uint64_t words[UIDL_SIEVE_WORDS];
};

/* One more: uidl_tag of its digest. */
void uidl_sieve_add(struct uidl_sieve *s, uint64_t tag);
