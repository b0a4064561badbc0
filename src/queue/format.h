/* SPDX-License-Identifier: ISC */
/* postern-queue(5): the envelope of a queue file as text. Parsing and writing
 * only; hostile files end in -EBADMSG. */
#pragma once

#include "mail/envelope.h"

#include "base/buf.h"

#define QUEUE_HEAD_MAX (8U << 20) /* of an envelope's text */

/* The first line, and the number that is known last: both at their places. */
#define QUEUE_MAGIC         "postern-queue 1\n"
#define QUEUE_OCTETS_AT     (sizeof(QUEUE_MAGIC "octets: ") - 1)
#define QUEUE_OCTETS_DIGITS 20

/* Append the text, its empty line included; sets each recipient's slot (offset
 * of its state field). octets may be 0: the field has fixed width. 0 or as
 * buf_put. */
int queue_format(struct buf *b, struct envelope *env) MUST_LOOK;

/* The reverse: `text` begins a queue file and holds at least its envelope.
 * Everything lives in `arena`. *ret_length: of the envelope's text. 0,
 * -EBADMSG, -ENOMEM. */
int queue_parse(struct slice text, struct arena *arena, struct envelope *ret,
		size_t *ret_length) MUST_LOOK;

/* A recipient's state field alone: QUEUE_STATE_BYTES of text, the last of
 * which is LF. Text too long for its column is cut. */
#define QUEUE_STATE_BYTES 256
void queue_state_format(const struct recipient *r, char ret[QUEUE_STATE_BYTES]);

/* Changes what queue_state_format writes and nothing else of *r; nothing at
 * all on failure. 0, -EBADMSG, -ENOMEM. */
int queue_state_parse(struct slice text, struct arena *arena,
		      struct recipient *r) MUST_LOOK;
