/* SPDX-License-Identifier: ISC */
/* Every system call that a program of postern may make, and with which
 * arguments: one const table, from which fence-compile makes the filters when
 * postern is built. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "main/fence.h"

/* (argument & mask) == value, or argument > value. */
enum fence_test { FENCE_ANY, FENCE_IS, FENCE_ABOVE };
struct fence_argument {
	enum fence_test test;
	unsigned index;
	uint64_t mask, value;
};

/* Rows with the same call are alternatives. */
struct fence_call {
	unsigned who;      /* bits of enum fence_program */
	const char *names; /* blanks between */
	struct fence_argument must[2];
	/* not 0: it fails with this, and nobody dies: what libraries try first
	 * and can do without */
	int error;
};

extern const struct fence_call fence_calls[];
extern const size_t fence_calls_n;
