/* SPDX-License-Identifier: ISC */
/* Durations and sizes as people write them: "5 min", "25 MB". */
#pragma once

#include "base/buf.h"

/* "300 ms", "30 s", "5 min", "4 h", "5 d"; a bare number is seconds; the blank
 * may be left out. 0, -EINVAL, or -ERANGE (does not fit). */
int quantity_parse_ms(struct slice text, uint64_t *ret_ms) MUST_LOOK;

/* "1024", "64 KiB", "50 MiB", "2 GiB", "1 TiB", "25 MB", "1 GB", "10 kB",
 * "512 B"; "2 G" is 2 GiB, and so K, M and T; a bare number is octets; no
 * case but KB for kB. Likewise. */
int quantity_parse_octets(struct slice text, uint64_t *ret_octets) MUST_LOOK;

/* "90 %", "90%", "90": a share. Likewise. */
int quantity_parse_percent(struct slice text, uint64_t *ret) MUST_LOOK;

/* Back again, in the largest unit that leaves no rest: "90 s", "50 MiB",
 * "25 MB". 0 or as buf_put. */
int quantity_format_ms(struct buf *b, uint64_t ms) MUST_LOOK;
int quantity_format_octets(struct buf *b, uint64_t octets) MUST_LOOK;

/* Rounded, for people: "812 B", "12 KiB", "1.4 MiB". 0 or as buf_put. */
int quantity_format_about(struct buf *b, uint64_t octets) MUST_LOOK;
