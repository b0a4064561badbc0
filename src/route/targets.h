/* SPDX-License-Identifier: ISC */
/* What stands behind an alias's colon: targets with commas between, as
 * aliases(5) has them. Bytes only. */
#pragma once

#include "base/slice.h"

enum target_kind {
	TARGET_ADDRESS,
	TARGET_FINAL,   /* \name: is no alias again */
	TARGET_INCLUDE, /* :include:/path */
	TARGET_COMMAND, /* |command: not done here */
	TARGET_FILE,    /* /path: not done here */
	TARGET_SPECIAL, /* :fail: and the like: not done here */
	TARGET_BAD,     /* a quote without its end */
};

struct target {
	enum target_kind kind;
	struct slice text; /* without its mark: the address, the path */
};

/* Cut the next target off *rest. Empty ones are passed over. False: that was
 * all. */
bool target_next(struct slice *rest, struct target *ret);
