/* SPDX-License-Identifier: ISC */
/* Where the plays are given: a directory in memory, if there is one; and what
 * is said when the store ends the program in the middle of one. */
#pragma once

#include "base/base.h"

struct stage {
	char top[200];
	char path[256]; /* the mail directory, now and then */
};

/* Where the environment says (POSTERN_CRASH_DIR), /dev/shm, TMPDIR or /tmp. */
void stage_make(struct stage *ret);
/* A path for what failed, to be looked at later. */
void stage_keep(const struct stage *s, size_t number, char ret[256]);
/* Remove it, unless something is kept there. */
void stage_done(const struct stage *s, bool kept);

/* Should the program be ended by a signal, or hang: say this first. */
void stage_watch(void (*describe)(const void *), const void *context);

/* A number from the environment. */
uint64_t stage_setting(const char *name, uint64_t otherwise);
