/* SPDX-License-Identifier: ISC */
/* What every program of postern does before its own work: options that all
 * share, the configuration, the log. */
#pragma once

#include <getopt.h>

#include "conf/settings.h"

#define PROGRAM_CONFIG SYSCONFDIR "/postern/postern.conf"

/* Exit statuses: sysexits.h's meanings. */
enum {
	PROGRAM_OK = 0,
	PROGRAM_FAILED = 1,
	PROGRAM_USAGE = 64,
	PROGRAM_TEMPFAIL = 75,
	PROGRAM_CONFIG_BAD = 78,
};

struct program {
	const char *name;
	const char *usage; /* printed by --help */
	const char *config;
	struct arena *arena;
	struct settings settings;
};

/* Options every program has: -c FILE, -h, -V. Put PROGRAM_OPTIONS into the
 * long options, PROGRAM_LETTERS into the short ones, and give what getopt_long
 * returned to program_option: true when it was one of these (and for --help
 * and --version the process has ended). */
#define PROGRAM_LETTERS "c:hV"
#define PROGRAM_OPTIONS                                                        \
	{ "config", required_argument, NULL, 'c' },                            \
		{ "help", no_argument, NULL, 'h' },                            \
		{ "version", no_argument, NULL, 'V' },                         \
	{                                                                      \
		NULL, 0, NULL, 0                                               \
	}
bool program_option(struct program *p, int letter);

/* Say what was wrong on standard error and end: PROGRAM_USAGE. */
_Noreturn void program_usage(const struct program *p, const char *wrong);

/* Likewise, of sockets that cannot be taken over: PROGRAM_TEMPFAIL. */
_Noreturn void program_no_manager(const struct program *p);

/* Read the configuration and install the log sink it asks for; what is wrong
 * with it is logged. person_looks: see sink_install. 0, or -EINVAL and so on:
 * then the log works and the settings are not to be used. */
int program_start(struct program *p, bool person_looks) MUST_LOOK;

/* The configuration that it reads. */
const char *program_config(const struct program *p);

void program_end(struct program *p);

/* The mail directory as the settings say. 0 or -errno. */
struct store;
int program_open_store(const struct settings *s, struct store **ret) MUST_LOOK;
