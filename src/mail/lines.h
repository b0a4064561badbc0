/* SPDX-License-Identifier: ISC */
/* Line ends counted at memory speed, a vector of bytes at a time, stopping
 * where a From_ line may begin. Portable: the compiler's vectors. */
#pragma once

#include "base/slice.h"

/* How many lines ended, and how many of them in CRLF. */
struct lines {
	uint64_t ends, crlf;
};

/* Count in p … to, which begins a line (or stands where the last call
 * stopped); p < to. Stops at the first 'F' behind p that a LF or a '>' stands
 * before, and a 'r' behind (or `to`), else at `to`: where it stopped,
 * everything before it counted. */
const char *lines_count(struct lines *l, const char *p, const char *to);

/* The two it chooses from: with vectors that all machines of this kind have,
 * and with those that only some have. The latter only where lines_are_wide();
 * both do the same to the last octet. */
bool lines_are_wide(void);
const char *lines_count_narrow(struct lines *l, const char *p, const char *to);
const char *lines_count_wide(struct lines *l, const char *p, const char *to);
