/* SPDX-License-Identifier: ISC */
/* See manager.h: a build without libsystemd. */
#include "main/manager.h"

int manager_sockets(void)
{
	return 0;
}

void manager_forget(void)
{
}

void manager_tell(const char *state)
{
	(void)state;
}
