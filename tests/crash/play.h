/* SPDX-License-Identifier: ISC */
/* A play: what happens to a mailbox, step by step, each step a process of its
 * own that knows the store's public calls only. And what the audience may
 * expect of each message, by the marks that the steps left in the log. */
#pragma once

#include "log.h"
#include "messages.h"

enum step_kind {
	STEP_NONE,
	STEP_APPEND,  /* the message `messages` */
	STEP_FORGET,  /* its name: its delivery has been recorded */
	STEP_EXPUNGE, /* a session deletes `messages` */
	STEP_LOGIN,
	STEP_FOREIGN, /* another program appends it, under the same locks */
};

struct step {
	enum step_kind kind;
	uint32_t messages; /* BIT()s */
};

#define STEPS_MOST 12

struct play {
	const char *name;
	uint32_t before; /* BIT()s: what the mailbox holds; 0: there is none */
	bool other_boot; /* the host has been booted since then */
	bool dotlock;
	bool in_folder; /* of a domain */
	struct step steps[STEPS_MOST];
	struct step inner; /* happens within the first step, anywhere */
};

#define INNER STEPS_MOST /* its number in the log */

const struct step *play_step(const struct play *p, size_t number);

/* Does its name begin with one of these (NULL at the end), or are there none?
 */
bool play_wanted(const struct play *p, char **names);

/* Set the stage below `path`, which must not exist. */
void play_prepare(const struct play *p, const char *path);

/* Perform one step, as a process; what comes of it is in the log. False: it
 * died. *ret_result: as the store says it; may be NULL. */
bool play_perform(const struct play *p, size_t number, const char *path,
		  int *ret_result);

/* All of them, one after the other, until one dies. */
bool play_all(const struct play *p, const char *path);

/* ---- what to expect ---- */

enum fate {
	FATE_ABSENT,
	FATE_MAYBE,   /* begun and not acknowledged: whole or absent */
	FATE_PRESENT, /* exactly once */
	FATE_GROUP,   /* being deleted: all of these or none */
};

struct fates {
	enum fate of[MESSAGES];
	bool acknowledged[MESSAGES]; /* ever */
	bool failed[MESSAGES];       /* the last try to bring it in */
	bool repeat[MESSAGES];       /* a named one not yet recorded as done */
};

/* After the first `n` operations of the log. */
void play_fates(const struct play *p, const struct log *l, size_t n,
		struct fates *ret);

/* What failed may be there whole all the same: it could not be taken out. Of
 * all messages, or only of the named ones. */
void play_doubt(struct fates *f, bool named_only);
