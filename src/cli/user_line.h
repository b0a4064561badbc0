/* SPDX-License-Identifier: ISC */
/* What the verbs that change a user have in common: the users file, and one
 * line of it. */
#pragma once

#include "auth/auth.h"
#include "auth/scram.h"
#include "cli/desk.h"

/* A user's line as it stands in the file. */
struct user_line {
	struct slice name;
	struct slice hash;
	struct slice mailbox; /* empty: the usual one */
	struct slice options;
	struct slice scram; /* with the hash in the passwords file */
	bool locked; /* in either file, and there is a password to lock */
};

struct user_edit {
	struct cli *cli;
	struct desk desk;
	const char *file;
	const char *passwords; /* NULL: no such file, hashes stay in `file` */
	struct user_line line;
	char hash[AUTH_HASH_MAX + 1]; /* room for a new one; wiped */
	char scram[SCRAM_TEXT_MAX];   /* likewise */
	const void *wish;             /* the verb's own */
};

/* A verb's work; its exit status. */
typedef int user_edit_work(struct user_edit *e);

/* Open the file, look at the name, do, close. The edit begins with the line
 * `initial`, or an empty one (NULL). */
int user_line_run(struct cli *c, const char *name, user_edit_work *work,
		  const struct user_line *initial, const void *wish);

/* Do it with the line that is there, or say that there is none. */
int user_line_change(struct user_edit *e, user_edit_work *work);

/* Read the line of that name: 1, 0 there is none, -errno. */
int user_line_fetch(struct user_edit *e) MUST_LOOK;

/* '!' or '*' at its front. */
bool user_line_is_locked(struct slice hash);

/* Write it; the exit status. A hash goes to the passwords file, where there is
 * one, and out of the users file. */
int user_line_store(struct user_edit *e);

/* Remove it from both files; the exit status. */
int user_line_remove(struct user_edit *e);

/* Say what is wrong with the file: CLI_FAILED. */
int user_line_fail(struct user_edit *e, int error);
