/* SPDX-License-Identifier: ISC */
/* The postmaster's command, verb by verb. main/ reads the common options,
 * looks the verb up here and runs it; a verb writes to the files it was given
 * and never ends the process. */
#pragma once

#include "base/base.h"

/* What a verb is given. */
struct cli {
	FILE *in; /* answers, and passwords when it is no terminal */
	FILE *out;
	FILE *err;
	const char *config; /* path of postern.conf(5) */
	bool colour;        /* `out` is a terminal that likes it */
};

/* What it returns: the exit status. */
enum {
	CLI_OK = 0,
	CLI_FAILED = 1, /* `check`: warnings only */
	CLI_BROKEN = 2, /* `check`: something will not work */
	CLI_USAGE = 64,
};

/* argv[0] is the verb. */
typedef int cli_run(struct cli *c, int argc, char **argv);

struct cli_verb {
	const char *name;
	const char *help; /* one line */
	cli_run *run;
};

extern const struct cli_verb cli_verbs[];
extern const size_t cli_verbs_n;

/* NULL when there is none. */
const struct cli_verb *cli_verb_find(const char *name);

/* "Did you mean …?"; NULL when nothing is close. */
const struct cli_verb *cli_verb_similar(const char *name);

cli_run cli_check;
cli_run cli_index;
cli_run cli_mailbox;
cli_run cli_queue;
cli_run cli_tls;
cli_run cli_user;
