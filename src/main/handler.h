/* SPDX-License-Identifier: ISC */
/* What the two connection handlers share: the door, its options, a session's
 * name, and that a broken configuration is answered, never served. */
#pragma once

#include "base/ident.h"
#include "main/door.h"
#include "main/fence.h"
#include "main/listen.h"
#include "main/program.h"
#include "net/tls.h"

/* The name of a socket (FileDescriptorName=) implies options. */
struct handler_name {
	const char *name;
	bool tls;
	unsigned role; /* 0: as the options say */
};

struct handler {
	struct program program;
	const char *service; /* "smtp", "pop3" */
	const char *claimed; /* --peer */
	bool strict;         /* --strict */
	bool tls;            /* --tls */
	unsigned role;       /* what the port is for, in the program's words */
	/* what sockets may be called */
	const struct handler_name *names;
	size_t n_names;
	struct door door;
	char session[IDENT_MAX];
	struct stream *stream;
	/* how it is fenced in: gate_fence */
	enum fence_program filter, filter_door; /* the acceptor's */
	size_t memory_max;
	/* Does nobody log in? NULL: somebody may. */
	bool (*no_logins)(const struct handler *h);
	/* what must be open before, or NULL; 0 or -errno */
	int (*prepare)(struct handler *h);
	bool fenced;      /* done, by an acceptor perhaps */
	int starter;      /* auth/starter.h; < 0: none */
	int starters;     /* the acceptor's, for all; no session has it */
	int usher;        /* porch.h's; 0: none */
	struct tls *side; /* TLS, when an acceptor has loaded it; or NULL */
	bool loaded_tls;  /* the session had to, for itself */
	int started;      /* what program_start said, to an acceptor */
	int second;       /* socket to a process that an acceptor will fork
			     (keep); -1: there is none */
	struct fence_made made[2]; /* rules, by an acceptor */
	/* What an acceptor makes rules for: `n_states` of them. */
	enum fence_state states[2];
	size_t n_states;
	fence_more *more; /* of the first of them */
	/* The process at the other end of `second`, or NULL. */
	void (*keep)(struct handler *h, int fd);
	/* Serve; the configuration is read. Exit status. */
	int (*serve)(struct handler *h);
	/* Our trouble: one polite reply. */
	void (*refuse)(struct handler *h);
	/* One too many, in all or from its source: likewise. */
	void (*refuse_many)(struct handler *h, bool of_source);
};

#define HANDLER_LETTERS PROGRAM_LETTERS "p:st"
#define HANDLER_OPTIONS                                                        \
	{ "peer", required_argument, NULL, 'p' },                              \
		{ "strict", no_argument, NULL, 's' },                          \
		{ "tls", no_argument, NULL, 't' }, PROGRAM_OPTIONS

/* As program_option, with --peer, --strict and --tls. */
bool handler_option(struct handler *h, int letter);

/* The process's whole life once its options are read: exit status. argv: the
 * program's own. */
int handler_run(struct handler *h, char *const *argv);

/* The same where listening sockets were handed over (porter.h). */
int handler_accept(struct handler *h, const struct listeners *l,
		   char *const *argv);

/* One session on descriptors 0 and 1: exit status. */
int handler_session(struct handler *h);

/* What fence_session is to be told of that state; or NULL. */
fence_more *handler_more(const struct handler *h, enum fence_state state);

/* fence_session, by the rules that an acceptor made, if one did; this process
 * has none of those afterwards. 0 or -errno. */
int handler_fence(struct handler *h, enum fence_state state) MUST_LOOK;

/* Does LF alone end a line? Only what a person wrote into a file, a pipe or a
 * terminal. */
bool handler_lenient(const struct handler *h);

/* Our trouble, said in the log ("the queue directory", -errno) and to the
 * peer: exit status. */
int handler_cannot(struct handler *h, const char *what, int error);
