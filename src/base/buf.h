/* SPDX-License-Identifier: ISC */
/* A buffer that grows to a ceiling given at birth and never beyond: whoever
 * fills it answers "too long" with the right code. */
#pragma once

#include "base/slice.h"

struct buf {
	char *p;
	size_t n;       /* bytes in use */
	size_t room;    /* bytes owned */
	size_t ceiling; /* never more than this many */
};

/* An empty buffer; allocates nothing yet. */
#define BUF(ceiling_bytes) ((struct buf){ .ceiling = (ceiling_bytes) })

/* Append. 0, -EMSGSIZE (would pass the ceiling), or -ENOMEM; on failure the
 * buffer is as it was. */
int buf_put(struct buf *b, struct slice s) MUST_LOOK;
int buf_put_byte(struct buf *b, char c) MUST_LOOK;
int buf_printf(struct buf *b, const char *format, ...)
	PRINTF_LIKE(2, 3) MUST_LOOK;

/* Make sure `more` bytes can be written at b->p + b->n. Errors as buf_put. */
int buf_reserve(struct buf *b, size_t more) MUST_LOOK;

/* Drop the first `n` bytes. */
void buf_drop(struct buf *b, size_t n);

/* What it holds; valid until the next change. */
struct slice buf_slice(const struct buf *b);

/* Empty it, keep the memory; then: give the memory back too. */
void buf_reset(struct buf *b);
void buf_done(struct buf *b);
