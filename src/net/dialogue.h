/* SPDX-License-Identifier: ISC */
/* The loop that SMTP and POP3 share: a line is read, its verb looked up in
 * the protocol's one table, its state checked, its function run. It knows no
 * protocol word. */
#pragma once

#include "net/line.h"

enum dialogue_trouble {
	DIALOGUE_UNKNOWN,     /* no such verb */
	DIALOGUE_WRONG_STATE, /* not now */
	DIALOGUE_TOO_LONG,    /* line over the limit; it was skipped */
	DIALOGUE_BARE,        /* bare CR or LF: answer, then the loop ends */
	DIALOGUE_EOF,         /* the peer has gone */
	DIALOGUE_TIMEOUT,
	DIALOGUE_CANCELLED, /* we are to end: stream_heed_term */
	DIALOGUE_ERROR,
};

/* Sessions begin with this struct, so that a command gets the whole. */
struct dialogue {
	struct stream *stream;
	unsigned state; /* one bit, the protocol's own */
	bool over;      /* set by a command or by `trouble`: leave the loop */
	bool lenient;   /* LF alone ends a command line (a file, a terminal) */
	size_t line_max;
};

struct dialogue_command {
	const char *verb; /* upper case; NULL ends the table. A verb of two
			     words ("XFER NOW") does not exist here */
	unsigned in;      /* states it is allowed in */
	/* `args`: what follows the verb, leading blanks kept off by one */
	void (*run)(struct dialogue *d, struct slice args);
	unsigned flags; /* the protocol's own */
};

/* In these states what comes is no command (DATA's body, AUTH's
 * continuation): `run` reads from the stream itself and changes state. */
struct dialogue_mode {
	unsigned in; /* 0 ends the table */
	void (*run)(struct dialogue *d);
};

struct dialogue_protocol {
	const struct dialogue_command *commands;
	const struct dialogue_mode *modes;
	/* before each line: set deadlines, check for limits; may be NULL */
	void (*before)(struct dialogue *d);
	/* answers; `verb` is the word that was not understood */
	void (*trouble)(struct dialogue *d, enum dialogue_trouble what,
			struct slice verb);
};

/* Until d->over; then the output is flushed. */
void dialogue_run(struct dialogue *d, const struct dialogue_protocol *p);
