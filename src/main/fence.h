/* SPDX-License-Identifier: ISC */
/* The process's own fence, raised in two steps; doc/fence.md says what holds
 * it up, what each program may do in each state, and what does not hold on
 * kernels without Landlock.
 *
 * 1. fence_process: what is installed once and inherited by fork: no new
 *    privileges, not dumpable or traceable, no core files, bounded memory, and
 *    the one filter of system calls this program has. By a session that was
 *    started on its own before it says a word to its peer; by an acceptor
 *    before its first fork, and then by none of its children: thousands of
 *    processes with filters of their own have hung a kernel.
 * 2. fence_session: which files can be reached (Landlock), in the process that
 *    will serve. Cheap, and once for each connection. fence_mailbox narrows it
 *    further when a POP3 session knows whose it is.
 *
 * What is open stays usable: open first, then close the gate behind. */
#pragma once

#include "conf/settings.h"

/* Whose filter of system calls; fence_table.c has the rows. */
enum fence_program {
	FENCE_SMTPD,
	FENCE_SMTPD_ASKS, /* DNS about strangers, by UDP */
	FENCE_POP3D,
	FENCE_AUTHD,      /* that reads files only: no PAM, no program */
	FENCE_RETRY,      /* with its workers */
	FENCE_SMTPD_DOOR, /* the acceptor of it, and what it forks */
	FENCE_SMTPD_ASKS_DOOR,
	FENCE_AUTHD_DOOR, /* likewise */
	FENCE_POP3D_DOOR, /* likewise */
	FENCE_PROGRAMS,
	FENCE_NO_FILTER = FENCE_PROGRAMS, /* all but the filter */
};

/* Which files a process reaches; fence_places.c has the rows. */
enum fence_state {
	FENCE_SMTP,   /* an SMTP session: reads no mail and no queue */
	FENCE_KEEPER, /* what appends for it: mailboxes, nothing else */
	FENCE_POP3,   /* what speaks to a POP3 client: no mailbox */
	FENCE_HOUSE,  /* what opens his mailbox, until fence_mailbox */
	FENCE_JUDGE,  /* postern-authd, as FENCE_AUTHD */
	FENCE_RUN,    /* postern-retry */
	FENCE_WORKER, /* one destination's */
};

/* Step 1. memory_max: of address space in bytes, 0 for no bound. A call that
 * is not allowed ends the process by SIGSYS, behind a line in the log that
 * names it. 0 or -errno. */
int fence_process(enum fence_program program, size_t memory_max) MUST_LOOK;

/* Step 2, best effort: 0 also where the kernel has no Landlock; only what it
 * has and does not do is an error. settings: names the places.
 * more: names further files to be read (route_lists), or NULL. */
typedef int fence_more(const struct settings *settings,
		       int (*seen)(void *context, const char *path),
		       void *context);
int fence_session(enum fence_state state, const struct settings *settings,
		  fence_more *more) MUST_LOOK;

/* The same in two halves, for who can make the rules for several processes: as
 * long as no file they name is replaced. *ret: descriptor, to be closed; -1: no
 * Landlock, and fence_enter does nothing but limit. */
int fence_rules(enum fence_state state, const struct settings *settings,
		fence_more *more, int *ret) MUST_LOOK;
int fence_enter(enum fence_state state, int rules) MUST_LOOK;

/* Rules that were made, and for whom. */
struct fence_made {
	enum fence_state state;
	int rules;
	bool made;
};

/* Tell of each file and directory that the rules of a state bind to, `more`
 * not counted, there or not: when another is in its place, it is time for new
 * rules. 0, or what `seen` returned and ended it with. */
int fence_bound(enum fence_state state, const struct settings *settings,
		int (*seen)(void *context, const char *path),
		void *context) MUST_LOOK;

/* From now on one mailbox, and what lies beside it, and no further process or
 * thread: `mailbox` is the file, or -1 while there is none, `dir` the directory
 * it is in, `side` the .postern there. Borrowed. As fence_session. */
int fence_mailbox(int mailbox, int dir, int side) MUST_LOOK;

/* Version of Landlock's interface that the kernel has and we use; 0: none. */
unsigned fence_landlock(void);
