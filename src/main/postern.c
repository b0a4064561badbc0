/* SPDX-License-Identifier: ISC */
/* postern: the postmaster's one command; its verbs are the room cli. */
#include "cli/cli.h"
#include "main/program.h"
