/* SPDX-License-Identifier: ISC */
/* A line of text of fixed width with a checksum, as the files in .postern use
 * it: fields parted by blanks, then the checksum, blanks up to the LF. */
#pragma once

#include "base/slice.h"

/* `text` (shorter than width - 20, no LF) into `width` bytes. */
void record_seal(struct slice text, char *ret, size_t width);

/* The text again, a part of `record`: 0, or -EBADMSG when it is no record or
 * was damaged. */
int record_open(struct slice record, struct slice *ret_text) MUST_LOOK;

/* Cut the next field off; false when there is none that fits. */
bool record_number(struct slice *text, uint64_t *ret);
bool record_word(struct slice *text, char *ret, size_t room);
