/* SPDX-License-Identifier: ISC */
/* message/delivery-status (RFC 3464 §2), and message/global-delivery-status
 * (RFC 6533 §3): the part of a notification that programs read. */
#pragma once

#include "deliver/dsn.h"

/* Append `s`, cut at `most` octets of input, so that it stays on its line:
 * controls escaped; without utf8 also what is not ASCII. 0 or as buf_put. */
int status_text(struct buf *b, struct slice s, bool utf8,
		size_t most) MUST_LOOK;

/* The per-message fields, and those of one recipient, with the empty line
 * that separates them from the next. 0 or as buf_put. */
int status_message(struct buf *b, const struct dsn *d, bool utf8) MUST_LOOK;
int status_recipient(struct buf *b, const struct dsn *d,
		     const struct recipient *r, bool utf8) MUST_LOOK;
