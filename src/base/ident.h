/* SPDX-License-Identifier: ISC */
/* Names nobody else has: queue ids, temporary files, session ids. */
#pragma once

#include "base/slice.h"

#define IDENT_MAX 20 /* with NUL */

/* A name unique on every host that shares our file systems: 51 bits of time
 * in microseconds and 24 random bits (getrandom), 15 characters of digits and
 * lower-case letters; later names sort behind earlier ones. */
void ident_new(char ret[IDENT_MAX]);

/* Does `s` look like one? For names found in directories or given by hand. */
bool ident_valid(struct slice s);

/* This host's name as the kernel has it, escaped to [A-Za-z0-9.-]. */
void ident_host(char *ret, size_t room);
