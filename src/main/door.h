/* SPDX-License-Identifier: ISC */
/* The door a handler was entered by: what lies on standard input, and who is
 * at its other end. systemd (Accept=yes), xinetd, inetd and tcpserver all
 * leave the connection on descriptors 0 and 1; a shell leaves a pipe, a file
 * or a terminal. The session code cannot tell which it was. */
#pragma once

#include "base/peer.h"
#include "net/stream.h"

struct door {
	struct peer peer;
	bool socket;                   /* false: a pipe, a file, a terminal */
	char peer_text[PEER_TEXT_MAX]; /* for people and the log */
	char peer_ip[PEER_TEXT_MAX];   /* "192.0.2.1"; or empty */
	char peer_literal[PEER_TEXT_MAX]; /* "IPv6:2001:db8::1"; or empty */
	char proxy_text[PEER_TEXT_MAX];   /* who speaks for it; or empty */
};

/* Look at descriptor 0. claimed: the peer that the caller's option says this
 * is (text of an IP address), or NULL. Where the socket has no address of its
 * own (a pipe behind a proxy), REMOTE_ADDR (systemd), TCPREMOTEIP (ucspi) and
 * REMOTE_HOST (xinetd) are read, but only then. 0, or -EINVAL when `claimed`
 * is no address. */
int door_open(const char *claimed, struct door *ret) MUST_LOOK;

/* Who has come in is only speaking for another: from now on that is the peer.
 * NULL: one that could not be named (PEER_BEHIND). */
void door_stand_in(struct door *d, const struct peer *client);

/* The stream on descriptors 0 and 1. NULL when memory is short. */
struct stream *door_stream(void);

/* Is standard error a place where lines for a person may go? Not when it is
 * the connection itself, as under xinetd. */
bool door_stderr_is_ours(void);
