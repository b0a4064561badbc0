/* SPDX-License-Identifier: ISC */
/* Which files a process reaches in each state: one const table for Landlock. */
#pragma once

#include "main/fence.h"

struct fence_place {
	unsigned who;       /* bits of enum fence_state */
	unsigned what;      /* landlock.h */
	const char *path;   /* or NULL: a setting's, */
	size_t setting;     /* offset of a slice; empty: none, */
	const char *below;  /* and behind it; "..": the directory it is in */
	const char *module; /* or of this name beside the program */
};

extern const struct fence_place fence_places[];
extern const size_t fence_places_n;
