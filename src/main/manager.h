/* SPDX-License-Identifier: ISC */
/* The service manager: which sockets it handed to us (sd_listen_fds(3)), and
 * what it is told (sd_notify(3)). One file for each answer that configure may
 * give: manager_systemd.c, manager_none.c. */
#pragma once

#include "base/base.h"

/* How many sockets it handed over; they are the descriptors from 3 on. With
 * Accept=yes that is one, the connection. 0: none, or no manager. */
int manager_sockets(void);

/* "READY=1", "STATUS=…". Nobody listens: nothing happens. */
void manager_tell(const char *state);
