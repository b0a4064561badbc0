/* SPDX-License-Identifier: ISC */
/* A directory of its own with a configuration in it, and a verb run there
 * with its output caught. */
#pragma once

#include "cli/cli.h"

struct stage {
	char out[16384];
	char err[16384];
};

/* For .init and .fini: make and enter a directory holding "conf", "mail",
 * "queue" with its parts, and "users" (absent); leave and remove it. */
void stage_enter(void);
void stage_leave(void);

/* Write a file below it. */
void stage_write(const char *name, const char *text);

/* More settings, behind those in "conf". */
void stage_settings(const char *more);

/* Run a verb: words end with NULL, `input` is its standard input. */
int stage_run(struct stage *s, cli_run *verb, const char *input, ...)
	__attribute__((sentinel));
