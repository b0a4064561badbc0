/* SPDX-License-Identifier: ISC */
/* See manager_module.h: systemd. */
#include "main/manager_module.h"

#include <systemd/sd-daemon.h>

#include "config.h"

static int sockets(char ***ret_names)
{
	/* the environment stays: a new program in our place asks again */
	int n = sd_listen_fds_with_names(0, ret_names);

	return n > 0 ? n : 0; /* what cannot be understood is none */
}

static void tell(const char *state)
{
	/* a manager that does not listen is nobody's reason to fail */
	(void)sd_notify(0, state);
}

const struct manager_module postern_manager = {
	.module = { PACKAGE_VERSION },
	.sockets = sockets,
	.tell = tell,
};
