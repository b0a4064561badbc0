/* SPDX-License-Identifier: ISC */
/* See manager.h: a build without libsystemd. */
#include "main/manager.h"

int manager_sockets(char ***ret_names)
{
	*ret_names = NULL;
	return 0;
}

void manager_names_done(char **names)
{
	(void)names; /* there were none */
}

void manager_forget(void)
{
}

void manager_tell(const char *state)
{
	(void)state;
}
