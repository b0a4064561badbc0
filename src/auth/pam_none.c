/* SPDX-License-Identifier: ISC */
/* Built without PAM: see pam.h. */
#include "auth/pam.h"

bool pam_has(const struct settings *s, struct slice name)
{
	(void)s;
	(void)name;
	return false;
}

enum auth_step pam_check(const struct settings *s, struct slice name,
			 struct slice password, struct arena *arena,
			 struct user *ret_user)
{
	(void)s;
	(void)name;
	(void)password;
	(void)arena;
	(void)ret_user;
	return AUTH_STEP_AGAIN;
}
