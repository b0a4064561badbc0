/* SPDX-License-Identifier: ISC */
/* A process for the mailboxes, beside a session that may not open them:
 * store/keeper.h. */
#pragma once

#include "conf/settings.h"

struct store;

/* Fork it, fenced in (FENCE_KEEPER), without the client's connection; `store`
 * has its work done by it from now on. Behind fence_process, before
 * fence_session. 0 or -errno. */
int hire_keeper(struct store *store, const struct settings *settings,
		pid_t *ret) MUST_LOOK;

/* In the keeper: it ends with its session and not before, so that what was
 * begun is ended. */
void hire_for_good(void);

/* It has been told to go (store_close): wait until it has. 0: there is none. */
void hire_over(pid_t keeper);
