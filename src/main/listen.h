/* SPDX-License-Identifier: ISC */
/* Listening sockets that we were started with: systemd's (Accept=no), or the
 * one on standard input, as inetd and xinetd hand it to a service that is to
 * wait (nowait's opposite). With one, a handler becomes an acceptor
 * (porter.h). */
#pragma once

#include "base/base.h"

#define LISTENERS_MAX     16
#define LISTENER_NAME_MAX 64

struct listeners {
	int v[LISTENERS_MAX];
	/* FileDescriptorName= of each; or empty */
	char names[LISTENERS_MAX][LISTENER_NAME_MAX];
	size_t n;
};

/* Find them, and make them non-blocking: another process of ours may take the
 * connection that woke this one. How many; 0: we were handed a connection, a
 * pipe, a file; -ENOENT: some, by a manager whose library is not installed. */
int listeners_find(struct listeners *ret) MUST_LOOK;

/* What a session does not need. */
void listeners_close(const struct listeners *l);
