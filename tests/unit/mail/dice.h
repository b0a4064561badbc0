/* SPDX-License-Identifier: ISC */
/* Random, and the same in every run: nasty messages, and pieces of them. */
#pragma once

#include "mail/mboxrd.h"

struct dice {
	uint64_t state;
};

/* 0 … sides - 1. */
size_t dice_roll(struct dice *d, size_t sides);

/* Append a message of what mbox files trip over: From_ lines and halves of
 * them, marks, NUL, bare CR, CRLF, 8-bit bytes, empty lines, no last LF. */
void dice_message(struct dice *d, struct buf *b);

/* Cut a random piece (maybe an empty one) off the front of *rest. */
struct slice dice_piece(struct dice *d, struct slice *rest);

/* A buffer's bytes grow by these; the mboxrd_out of a struct buf. */
int dice_put(void *buf, struct slice bytes);
