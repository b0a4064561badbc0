/* SPDX-License-Identifier: ISC */
/* "Did you mean …?" */
#pragma once

#include "base/slice.h"

#define SPELLING_WORD_MAX 63 /* longer words resemble nothing */

/* Number of letters to insert, drop, exchange or swap with their neighbour to
 * make `b` of `a`; UINT_MAX when either is over SPELLING_WORD_MAX. */
unsigned spelling_distance(struct slice a, struct slice b);

/* Is `wrong` close enough to `right` to ask? */
bool spelling_close(struct slice wrong, struct slice right);
