/* SPDX-License-Identifier: ISC */
/* The service manager: which sockets it handed to us (sd_listen_fds(3)), and
 * what it is told (sd_notify(3)). One file for each answer that configure may
 * give: manager_load.c, manager_none.c. */
#pragma once

#include "base/base.h"

/* How many sockets it handed over; they are the descriptors from 3 on. 0: none,
 * or no manager; -ENOENT: its library cannot be loaded. To be asked where one
 * of those listens: before the fence, and only there is the library loaded.
 * With Accept=yes the only one is the connection. ret_names: what each is
 * called ("unknown" if the manager does not say), to be given back; NULL where
 * there are none. */
int manager_sockets(char ***ret_names) MUST_LOOK;
void manager_names_done(char **names);

/* "READY=1", "STATUS=…", to a manager that handed sockets over. Nobody listens:
 * nothing happens. */
void manager_tell(const char *state);

/* In a child that has nothing to tell, and will fork often: without the
 * library, which would cost each fork and exit a sixth more. */
void manager_forget(void);
