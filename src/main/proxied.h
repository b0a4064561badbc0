/* SPDX-License-Identifier: ISC */
/* The door behind a proxy, and who speaks for others in the session (XCLIENT).
 * The PROXY header comes before all else, the TLS handshake included. */
#pragma once

#include "main/handler.h"

/* Where the settings want a PROXY header from who is at the door, take it:
 * from then on the door's peer is whom it names. Everybody else is left alone.
 * 0, or -errno when there was no good header: the log tells why, and the
 * connection is to be closed without a word. */
int proxied_open(struct handler *h) MUST_LOOK;

/* Whoever is at the door says (`how`, for the log) that it speaks for `client`:
 * from now on that is the peer. NULL: for one it cannot name. */
void proxied_stand_in(struct handler *h, const struct peer *client,
		      const char *how);
