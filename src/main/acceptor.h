/* SPDX-License-Identifier: ISC */
/* An acceptor: a process that holds listening sockets, has read the
 * configuration once (and loaded the TLS library, where that is wanted), and
 * forks one process for each connection, which finds it on standard input and
 * output as behind any other door. It reads not one octet from the network.
 *
 * It serves with what it began with. When a file it read has changed, or when
 * sessions want what it has not loaded, it stops accepting, says so to its
 * porter (porter.h), who starts another, and ends with the last of its
 * sessions. */
#pragma once

#include "conf/settings.h"
#include "main/crowd.h"
#include "main/ledger.h"
#include "main/listen.h"
#include "main/watch.h"

#define ACCEPTOR_EXEMPT_MAX 4

/* Exit status of a session that went well, but had to load for itself what an
 * acceptor can have for all. */
#define ACCEPTOR_LOADED 99

/* What a program's load has found out. */
struct acceptor_terms {
	struct crowd_limits limits;
	uint64_t idle_s; /* without a session: then it ends. 0: never */
	/* networks whose peers are not counted by source */
	const struct networks *exempt[ACCEPTOR_EXEMPT_MAX];
	bool starts; /* sessions need somebody to start programs */
	/* what one too many is told; empty: nothing */
	struct slice full, source_full;
};

/* A session's ends of socket pairs; -1: there is none. */
struct acceptor_ends {
	int keeper;
	int starter;
};

struct acceptor_job {
	const char *name;
	void *context;
	char *const *argv; /* the program's */
	/* Read what is to be read, each file added to `w` before. What fails
	 * is logged, and then every session is a refusal. wanted: sessions
	 * were ACCEPTOR_LOADED; else it makes each fork dear for nothing. */
	void (*load)(void *context, bool wanted, struct watch *w,
		     struct acceptor_terms *ret);
	/* In a process of its own, the connection is on 0 and 1: exit status.
	 */
	int (*serve)(void *context, struct acceptor_ends ends);
	/* In another, which is forked when a session first says something to
	 * its keeper, and is at the other end: until that is closed. NULL:
	 * sessions need none. */
	void (*keep)(void *context, int fd);
	/* In the acceptor, when a session first says something to its starter:
	 * pass on the other end, which is closed here afterwards. 0, -EAGAIN
	 * (the session has to do without) or -errno (so have those to come). */
	int (*start)(void *context, int fd);
};

/* As the settings have them; nothing is said to those one too many. */
struct acceptor_terms acceptor_terms_of(const struct settings *s);

/* The configuration's files, and what may be added to them. */
void acceptor_watch_config(struct watch *w, const char *config);

/* What an acceptor says to its porter, one record each on a pipe. */
struct acceptor_word {
	pid_t pid;
	enum {
		ACCEPTOR_READY,
		ACCEPTOR_STALE, /* another shall begin; it accepts no more */
		ACCEPTOR_COUNT, /* the ledger says something new */
	} what;
};

struct acceptor_place {
	const struct listeners *listeners;
	const struct watch *program; /* as the porter began with it */
	struct ledger *ledger;
	struct ledger_row *row; /* its own */
	int porter;             /* where words go */
};

/* The whole life of an acceptor: exit status. SIGHUP: accept no more. SIGTERM:
 * likewise, and soon have the sessions end. Those that get SIGTERM from a
 * manager of its own accord do as they would anyway. */
int acceptor_run(const struct acceptor_job *job,
		 const struct acceptor_place *place);
