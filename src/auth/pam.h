/* SPDX-License-Identifier: ISC */
/* The system's accounts: getpwnam(3) knows them, PAM's service "postern"
 * judges their passwords. Built without PAM there are none. */
#pragma once

#include "auth/steps.h"
#include "conf/settings.h"
#include "conf/users.h"

/* Is this a system account that may log in ([auth] system, a uid of at least
 * [users] system_uid_min)? */
bool pam_has(const struct settings *s, struct slice name);

/* Is that its password, and may it be used now? YES, NO, or AGAIN. */
enum auth_step pam_check(const struct settings *s, struct slice name,
			 struct slice password, struct arena *arena,
			 struct user *ret_user) MUST_LOOK;
