/* SPDX-License-Identifier: ISC */
/* See manager.h: systemd. */
#include "main/manager.h"

#include <systemd/sd-daemon.h>

int manager_sockets(void)
{
	/* the environment stays: a new program in our place asks again */
	int n = sd_listen_fds(0);

	return n > 0 ? n : 0;
}

void manager_tell(const char *state)
{
	/* a manager that does not listen is nobody's reason to fail */
	(void)sd_notify(0, state);
}
