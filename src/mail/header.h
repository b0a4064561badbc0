/* SPDX-License-Identifier: ISC */
/* The header of a message (RFC 5322 §2.2), as a push scanner: bytes in,
 * fields out, in any chunking, with bounded memory. Lines may end in LF or
 * CRLF. A hostile header (no colon, endless, NUL) is only ever "no field". */
#pragma once

#include "base/buf.h"

#define HEADER_FIELD_MAX 8192 /* of a field's text; the rest is not seen */

/* One field: its name, and its body unfolded (line breaks dropped), without
 * blanks at both ends; both valid only during the call. */
typedef void header_field(void *context, struct slice name, struct slice body);

struct header_scan {
	header_field *on_field; /* may be NULL */
	void *context;
	struct buf field; /* the field so far */
	uint64_t line_n;  /* octets in the line being read, kept or not */
	char last;        /* the last of them */
	bool ended;       /* the empty line was seen */
	uint64_t bytes;   /* of the header so far, its empty line included */
};

void header_scan_start(struct header_scan *h, header_field *on_field,
		       void *context);

/* Feed the message's next bytes. True once the header has ended (further
 * calls are harmless and do nothing). */
bool header_scan_push(struct header_scan *h, struct slice bytes);

/* The message ended: gives out the last field of a header without a body. */
void header_scan_end(struct header_scan *h);

void header_scan_done(struct header_scan *h);

/* Is this line the start of a header field: ftext+ *WSP ":"? */
bool header_is_field(struct slice line);
