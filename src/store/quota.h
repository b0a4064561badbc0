/* SPDX-License-Identifier: ISC */
/* What a mailbox holds, held against its limits; and whether its owner has
 * been told that it fills up: .postern/NAME.quota is there as long as he need
 * not be told again. Losing that file costs one more warning. */
#pragma once

#include "conf/quota.h"
#include "store/place.h"

struct usage {
	uint64_t octets;   /* the mailbox file's size */
	uint64_t messages; /* where they were counted */
};

/* What the mailbox holds; none holds nothing. count: its messages too, which
 * may mean reading it. No lock is taken: by the time it is looked at the
 * answer may be out of date. 0 or -errno. */
int quota_usage(struct store *s, struct slice mailbox, bool count,
		struct usage *ret) MUST_LOOK;

/* The same for a mailbox that is open, under its lock. */
int quota_usage_open(const struct place *p, int fd, bool count,
		     struct usage *ret) MUST_LOOK;

/* Is there room for one more message of so many octets? 0 or -EDQUOT. */
int quota_check(const struct quota *q, const struct usage *now,
		uint64_t more_octets) MUST_LOOK;

/* An append of so many octets to the mailbox `fd`, which is locked: may it be?
 * What the mailbox holds, and will. 0, -EDQUOT, -E2BIG (quota_never), or
 * -errno. */
int quota_admit(const struct place *p, int fd, const struct quota *q,
		uint64_t more_octets, struct usage *ret_before,
		struct usage *ret_after) MUST_LOOK;

/* Would a message of so many octets find no room in an empty mailbox? */
bool quota_never(const struct quota *q, uint64_t octets);

/* The share in percent that is taken of the limit which is nearest; *ret_of
 * has that limit alone. 0, and none, where there is no limit. */
unsigned quota_share(const struct quota *q, const struct usage *u,
		     struct quota *ret_of);

/* "40 % of 1 GB", or nothing where there is no limit. 0 or as buf_put. */
int quota_format_share(struct buf *b, const struct quota *q,
		       const struct usage *u) MUST_LOOK;

/* Note that the owner is being told. 1: nobody had before; 0: somebody had;
 * -errno. */
int quota_warn_once(struct store *s, struct slice mailbox) MUST_LOOK;

/* Forget it: he is told again when the mailbox fills up. 0, also where there
 * was nothing to forget, or -errno. */
int quota_warn_again(struct store *s, struct slice mailbox) MUST_LOOK;
