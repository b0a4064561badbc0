/* SPDX-License-Identifier: ISC */
/* What every verb has before it: the settings, read from the configuration
 * it was told to use, and what to say when a command line is wrong. */
#pragma once

#include "cli/cli.h"
#include "conf/settings.h"

struct desk {
	struct arena *arena;
	struct settings settings;
};

/* Read the settings; fatal complaints go to c->err. CLI_OK, or the exit
 * status. Call desk_done either way. */
int desk_open(struct cli *c, struct desk *ret) MUST_LOOK;
void desk_done(struct desk *d);

/* "postern VERB: what" on c->err, formatted; CLI_FAILED. */
int desk_fail(struct cli *c, const char *verb, const char *what, ...)
	PRINTF_LIKE(3, 4);

/* The usage on c->err; CLI_USAGE. */
int desk_usage(struct cli *c, const char *usage);

/* A verb's own verbs: "user add". */
struct desk_verb {
	const char *name;
	cli_run *run; /* argv[0] is its name */
};

/* Run the one that argv[1] names (none: the first); else the usage. --help
 * prints it to c->out. */
int desk_dispatch(struct cli *c, int argc, char **argv,
		  const struct desk_verb *verbs, size_t n, const char *usage);
