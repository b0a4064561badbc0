/* SPDX-License-Identifier: ISC */
/* Looks at a mailbox as its users would, after whatever happened to it. */
#pragma once

#include "play.h"

struct verdict {
	bool fine;
	char why[512]; /* if not */
};

/* The unique-ids that the messages of the play's start have; for judge(). */
struct uids {
	char of[MESSAGES][72];
};
void judge_uids(const char *path, bool dotlock, struct uids *ret);

/* Is the mail directory at `path` as it should be? First what the fates say,
 * then that life goes on: named deliveries are repeated, another message comes
 * in, another login sees all of it. order: a number; different ones begin with
 * different things. */
void judge(const char *path, bool dotlock, const struct fates *fates,
	   const struct uids *uids, size_t order, struct verdict *ret);
