/* SPDX-License-Identifier: ISC */
/* What the measuring programs share: a clock, a TCP connection on loopback to
 * a child of ours, whatever failed as the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Monotonic milliseconds. */
double now_ms(void);

/* Connect to a port of 127.0.0.1; the descriptor. */
int dial(int port);

/* Fork a child whose standard input and output are an accepted TCP
 * connection, as inetd's are, or (local) one of a pair of Unix sockets. In the
 * parent: the child, and our end in *ret; in the child: 0. */
pid_t child_on_socket(bool local, int *ret);

/* All of it, or the end. */
void put(int fd, const char *p, size_t n);
