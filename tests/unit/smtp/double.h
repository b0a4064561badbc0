/* SPDX-License-Identifier: ISC */
/* Hooks that take everything and keep nothing, for tests that look at
 * something else; and what the server's half of a session says. */
#pragma once

#include "smtp/server.h"

/* `context`, and these; whatever matters to the test is set in them. */
struct smtp_hooks double_hooks(void *context);

/* The codes of the replies in `out`, with blanks between. */
void double_codes(struct slice out, char *ret, size_t room);
