/* SPDX-License-Identifier: ISC */
/* A mail directory of a test's own, and trouble at a chosen step of it. */
#pragma once

#include <criterion/criterion.h>

#include "store/maildrop.h"
#include "store/mbox.h"

#define DESK_WAIT_MS 20000

/* A fresh temporary directory, opened as a store. */
struct store *desk_store(char ret_path[64], uint64_t lock_wait_ms);

/* An unnamed (once == "") or named message for `mailbox`. */
int desk_append(struct store *s, const char *mailbox, const char *text,
		const char *once);

/* From now on step `k` (1 …) fails with `error`, or, with 0, kills. */
void desk_trouble(int k, int error);
int desk_steps(void); /* since then */
void desk_no_trouble(void);

/* How many messages have this Subject? All must be whole: a subject line, an
 * empty line, "body of SUBJECT". -1: one is torn, or cannot be opened. */
int desk_count(struct store *s, const char *mailbox, const char *subject);
