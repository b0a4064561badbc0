/* SPDX-License-Identifier: ISC */
/* The right-hand side of aliases(5), and the files it includes: text only, no
 * look-ups. */
#pragma once

#include "base/arena.h"

enum alias_kind {
	ALIAS_ADDRESS, /* a name or an address */
	ALIAS_FINAL,   /* \name: not looked up as an alias again */
	ALIAS_INCLUDE, /* :include:/path */
	ALIAS_REFUSED, /* a command, a file, an unknown :word: */
	ALIAS_MALFORMED,
};

struct alias_target {
	enum alias_kind kind;
	struct slice text; /* the address, or the path */
};

/* Cut the next target off *rest (targets are parted by commas outside
 * quotes). False when nothing is left; empty targets are passed over. */
bool alias_next(struct slice *rest, struct alias_target *ret);

/* What to tell a person about a target that is refused or malformed; NULL if
 * it is fine. */
const char *alias_fault(const struct alias_target *t);

#define ALIAS_INCLUDE_MAX (1U << 20)

/* Read a file that :include: names: absolute path, a regular file that not
 * everybody may write to, at most ALIAS_INCLUDE_MAX octets. *ret_text: its
 * targets joined by commas, comments left out; the caller's to free(). 0,
 * -EACCES (not to be trusted), -EFBIG, or -errno of opening. */
int alias_include(struct slice path, char **ret_text) MUST_LOOK;
