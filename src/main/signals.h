/* SPDX-License-Identifier: ISC */
/* The signals that a process at a door hears between two things it does:
 * SIGCHLD, SIGTERM, SIGINT and SIGHUP. */
#pragma once

#include "base/base.h"

/* Block them (and no others); descriptor, never waiting, from which they are
 * read (signalfd(2)), or -errno. */
int signals_open(void) MUST_LOOK;

/* For a child that goes on by itself: none is blocked any more. */
void signals_let_through(void);
