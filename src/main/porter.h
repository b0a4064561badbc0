/* SPDX-License-Identifier: ISC */
/* The porter of a door: the process that was handed listening sockets and that
 * the service manager knows. It starts an acceptor (acceptor.h), the next one
 * when that one says so, and gives its own place to a new program when the
 * program itself was replaced; old sessions end with what they began. It reads
 * no configuration and nothing from the network. */
#pragma once

#include "main/acceptor.h"

/* Its whole life: exit status. Ends when the acceptor was idle for as long as
 * its terms say, or by SIGTERM or SIGINT with the last session. SIGHUP: a new
 * acceptor, and a new program if there is one. */
int porter_run(const struct acceptor_job *job,
	       const struct listeners *listeners);
