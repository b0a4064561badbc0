/* SPDX-License-Identifier: ISC */
/* Asking for a password. */
#pragma once

#include "cli/cli.h"

#define PASSWORD_ROOM 512

/* From a terminal: twice, without echo. From anything else: one line. `ret`
 * is the caller's to wipe (explicit_bzero), also on failure. Length, -EINTR
 * (^C), -EPIPE (end of input), -EMSGSIZE (too long), -EAGAIN (the two
 * differ), or -errno. */
ssize_t password_ask(struct cli *c, char ret[PASSWORD_ROOM]) MUST_LOOK;
