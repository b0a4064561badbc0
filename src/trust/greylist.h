/* SPDX-License-Identifier: ISC */
/* Greylisting: a stranger's first attempt is put off. A mail host comes back;
 * most spammers' tools do not. Who has come back is known from then on, and
 * with him his whole network (IPv4 /24, IPv6 /64: large senders use more than
 * one address).
 *
 * One file of fixed size (base/slots.h), a keyed hash of source, sender and
 * recipient for each attempt. Nothing has to be tidied up: the oldest makes
 * room, and a network has room of its own kind, so that a flood from one pushes
 * out few others. */
#pragma once

#include "base/peer.h"

struct greylist_times {
	uint32_t delay_s;  /* who comes back sooner is put off again */
	uint32_t window_s; /* who comes back later begins anew */
	uint32_t known_s;  /* since his last message */
};

struct greylist;

/* Open the file at `path`, or make it (mode 0600). It may be lost, cut or
 * damaged at any time: then all are strangers again. Errors as slots_open. */
int greylist_open(const char *path, const struct greylist_times *t,
		  struct greylist **ret) MUST_LOOK;
void greylist_close(struct greylist *g);

/* May this recipient be had now? NULL, and a source without an IP address:
 * always. */
bool greylist_passes(struct greylist *g, const struct peer *source,
		     struct slice from, struct slice to) MUST_LOOK;
