/* SPDX-License-Identifier: ISC */
/* Strict lines: only CRLF ends one. RFC 5321 §2.3.8; RFC 1939 §3. */
#pragma once

#include "net/stream.h"

enum line_event {
	LINE_OK,
	LINE_TOO_LONG, /* over `most` octets; consumed up to its CRLF */
	LINE_BARE,     /* a bare CR or LF in it; nothing more can be trusted */
	LINE_EOF,      /* end of input; an unfinished line is dropped */
	LINE_TIMEOUT,
	LINE_CANCELLED, /* SIGTERM: stream_heed_term */
	LINE_ERROR,     /* the stream failed */
};

/* The next line without its CRLF; `most` counts octets with CRLF (at most
 * STREAM_IN_BYTES). The slice is valid until the stream is next touched.
 * lenient: LF alone ends a line too: only where the input is a file or
 * terminal that a person wrote, or a host we are the client of. */
enum line_event line_read(struct stream *s, size_t most, bool lenient,
			  struct slice *ret) MUST_LOOK;
