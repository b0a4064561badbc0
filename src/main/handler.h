/* SPDX-License-Identifier: ISC */
/* What the two connection handlers share: the door, its options, a session's
 * name, and that a broken configuration is answered, never served. */
#pragma once

#include "base/ident.h"
#include "main/door.h"
#include "main/program.h"

struct handler {
	struct program program;
	const char *claimed; /* --peer */
	bool strict;         /* --strict */
	bool tls;            /* --tls */
	struct door door;
	char session[IDENT_MAX];
	struct stream *stream;
	int starter; /* gate_prepare's; < 0: none */
	int usher;   /* porch.h's; 0: none */
	/* Serve; the configuration is read. Exit status. */
	int (*serve)(struct handler *h);
	/* Our trouble: one polite reply. */
	void (*refuse)(struct handler *h);
};

#define HANDLER_LETTERS PROGRAM_LETTERS "p:st"
#define HANDLER_OPTIONS                                                        \
	{ "peer", required_argument, NULL, 'p' },                              \
		{ "strict", no_argument, NULL, 's' },                          \
		{ "tls", no_argument, NULL, 't' }, PROGRAM_OPTIONS

/* As program_option, with --peer, --strict and --tls. */
bool handler_option(struct handler *h, int letter);

/* The process's whole life once its options are read: exit status. */
int handler_run(struct handler *h);

/* Does LF alone end a line? Only what a person wrote into a file, a pipe or a
 * terminal. */
bool handler_lenient(const struct handler *h);

/* Our trouble, said in the log ("the queue directory", -errno) and to the
 * peer: exit status. */
int handler_cannot(struct handler *h, const char *what, int error);
