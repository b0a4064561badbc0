/* SPDX-License-Identifier: ISC */
/* Values in a queue file: text a person can read, in which hostile bytes can
 * neither end a line nor a field, and which comes back byte for byte. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Append `s` as escape_text does (backslash, controls and what is no UTF-8 as
 * \\ and \xNN), and the characters in `also` as \xNN too. Stops before the
 * character that would make it longer than `most` octets. 0 or as buf_put. */
int field_put(struct buf *b, struct slice s, const char *also,
	      size_t most) MUST_LOOK;

/* The reverse. 0, -EBADMSG (an escape that is none, a control), -ENOMEM. */
int field_take(struct slice text, struct arena *arena,
	       struct slice *ret) MUST_LOOK;

/* A time: "2026-11-23T07:15:03Z (1795418103000000)"; the number counts. */
int stamp_put(struct buf *b, int64_t real_us) MUST_LOOK;
int stamp_take(struct slice text, int64_t *ret_us) MUST_LOOK;
