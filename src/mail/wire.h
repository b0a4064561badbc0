/* SPDX-License-Identifier: ISC */
/* A message's bytes in the mailbox made those that POP3 sends, in one pass:
 * one '>' is taken from ^>+From  lines, a LF without CR gets one, and (where
 * asked) a '.' is put before a line that begins with one: RFC 1939 §3. A push
 * transformer, any chunking, constant memory. */
#pragma once

#include "mail/mboxrd.h"

#define WIRE_BYTES 16384

struct wire {
	mboxrd_out *out;
	void *context;
	bool stuff;       /* dots */
	bool in_line;     /* what its start asks for was done */
	unsigned matched; /* of "From ", behind `held` */
	uint64_t held;    /* '>' at the line's start, not yet given out */
	size_t left;      /* lines to be given out yet; SIZE_MAX: all */
	char last;        /* byte given in; LF at the start */
	size_t n;         /* bytes that wait to go out */
	char bytes[WIRE_BYTES];
};

/* `out` gets pieces of up to WIRE_BYTES, larger ones of longer lines. */
void wire_start(struct wire *w, bool stuff, mboxrd_out *out, void *context);

/* 0, or an error of `out`, after which only wire_start is allowed. */
int wire_push(struct wire *w, struct slice bytes) MUST_LOOK;

/* From here on, which is where a line begins, at most so many lines: what is
 * pushed behind them is dropped. TOP: at the body's begin. */
void wire_limit(struct wire *w, size_t lines);

/* Nothing of what may yet be pushed will go out. */
bool wire_is_full(const struct wire *w);

/* The message ends: a last line without LF gets CRLF; all goes out. */
int wire_end(struct wire *w) MUST_LOOK;
