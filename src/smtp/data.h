/* SPDX-License-Identifier: ISC */
/* The body on the wire: transparency (RFC 5321 §4.5.2), CRLF lines, both
 * ways, in pieces of any size. Only CRLF "." CRLF ends it. */
#pragma once

#include "base/slice.h"

enum data_event {
	DATA_MORE,      /* all of the input was taken */
	DATA_END,       /* CRLF.CRLF; *used tells how much was taken */
	DATA_BARE,      /* a bare CR or LF: the session must end */
	DATA_LONG_LINE, /* over the limit; reported once, reading goes on */
};

typedef int data_out(void *context, struct slice bytes);

/* From the wire: gives out LF lines, dots removed; each LF by itself, so that
 * whoever listens can put something in front of the header's empty line. */
struct data_in {
	data_out *out;
	void *context;
	uint64_t line_max; /* octets with CRLF; 0: no limit */
	bool dots;         /* false: BDAT, no transparency and no end mark */
	bool lenient;      /* set after start: LF ends a line too; a person's
			      file. A bare CR is refused all the same */
	unsigned state;    /* within CRLF . CRLF */
	uint64_t column;
	bool long_said;
	uint64_t octets; /* so far, CRLF counted as two, stuffing not */
	int error;       /* first error of `out`; reading goes on */
};
void data_in_start(struct data_in *d, bool dots, uint64_t line_max,
		   data_out *out, void *context);
enum data_event data_in_push(struct data_in *d, struct slice bytes,
			     size_t *ret_used) MUST_LOOK;

/* BDAT LAST: is the last line whole? If not, a line end is given out and
 * counted. DATA_BARE for a lone CR at the very end. */
enum data_event data_in_finish(struct data_in *d) MUST_LOOK;

/* To the wire: LF lines in; CRLF lines, dots doubled (if `dots`) out. */
struct data_to_wire {
	data_out *out;
	void *context;
	bool dots;
	bool at_line_start;
	bool any;
};
void data_to_wire_start(struct data_to_wire *d, bool dots, data_out *out,
			void *context);
/* 0, an error of `out`, or -EILSEQ for a CR: none ever leaves bare. */
int data_to_wire_push(struct data_to_wire *d, struct slice bytes) MUST_LOOK;
/* Ends the last line if needed, then (if `dots`) sends ".\r\n". */
int data_to_wire_end(struct data_to_wire *d) MUST_LOOK;
