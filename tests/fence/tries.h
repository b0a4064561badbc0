/* SPDX-License-Identifier: ISC */
/* What is tried behind the fence, and in which states it must fail: because
 * the filter refuses it, or because Landlock does. In all others it must
 * succeed: a fence that forbids everything is none of ours. */
#pragma once

#include "tests/fence/scene.h"

/* Bits of states[]. */
enum {
	IN_SMTP = 1 << 0,
	IN_SMTP_DOOR = 1 << 1, /* the session that an acceptor forked */
	IN_KEEPER = 1 << 2,
	IN_POP3 = 1 << 3,
	IN_POP3_BOX = 1 << 4, /* behind its login, in the house */
	IN_JUDGE = 1 << 5,
	IN_RUN = 1 << 6,
	IN_WORKER = 1 << 7,
	IN_HOUSE = 1 << 8,
	IN_ALL = (1 << 9) - 1,
	IN_SERVE = IN_SMTP | IN_SMTP_DOOR | IN_KEEPER | IN_POP3 | IN_HOUSE |
		   IN_POP3_BOX,
	IN_RETRY = IN_RUN | IN_WORKER,
};

struct state {
	const char *name;
	unsigned bit;
	/* Raise it, as the program does. 0 or -errno. */
	int (*raise)(struct scene *s);
};
extern const struct state states[];
extern const size_t states_n;

struct
try {
	const char *name;
	unsigned filtered; /* the filter refuses it there, */
	unsigned landed;   /* Landlock does */
	unsigned limited;  /* a limit does, whatever the kernel lacks */
	bool any;          /* and elsewhere anything may happen to it */
	/* -errno, or what is not negative. */
	long (*make)(struct scene * s, const struct try *t);
	const char *path; /* below the scene, or from the root */
	int flags;
	long call;
	long arguments[5];
};

extern const struct try tries_of_files[], tries_of_calls[], needs[];
extern const size_t tries_of_files_n, tries_of_calls_n, needs_n;

/* Has the filter refused something since this try began? */
bool tries_trapped(void);
