/* SPDX-License-Identifier: ISC */
/* The filter of system calls: how it is put up, and what happens when
 * something runs into it. fence.c's own; doc/fence.md. */
#pragma once

#include "main/fence.h"

/* Install the program's filter, for good. 0; -errno. Where postern was built
 * without libseccomp there is none, and 0. */
int fence_filter(enum fence_program program) MUST_LOOK;

/* Was postern built with filters? */
bool fence_has_filter(void);

/* Was it built to be fenced in at all? Else all but the limits is left out. */
bool fence_here(void);
