/* SPDX-License-Identifier: ISC */
/* Text from strangers made fit for a log line, a reply or a terminal. */
#pragma once

#include "base/buf.h"

/* Append `s` to `b`: printable ASCII and well-formed UTF-8 (no control
 * characters, no bidi overrides) as it is, every other byte as \xNN,
 * backslash as \\. Cut with "…" after `most` bytes of input.
 * 0 or as buf_put. */
int escape_text(struct buf *b, struct slice s, size_t most) MUST_LOOK;

/* Is all of `s` well-formed UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, nothing past U+10FFFF)? */
bool utf8_valid(struct slice s);

/* Is every byte 1..127? */
bool ascii_only(struct slice s);
