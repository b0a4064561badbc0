/* SPDX-License-Identifier: ISC */
/* Who is being served: the processes of an acceptor, and how many of them
 * belong to one source. An IPv4 address and an IPv6 network of 64 bits are one
 * source each, unless told otherwise. */
#pragma once

#include "base/peer.h"

struct crowd;

struct crowd_limits {
	size_t all;        /* processes; at least 1 */
	size_t per_source; /* of them from one source; 0: as many */
	unsigned bits4;    /* of an IPv4 address that tell sources apart */
	unsigned bits6;    /* of an IPv6 address */
};

/* NULL: no memory. It does not grow later. */
struct crowd *crowd_new(const struct crowd_limits *limits);

enum crowd_answer {
	CROWD_WELCOME,
	CROWD_FULL,        /* there are as many as may be */
	CROWD_SOURCE_FULL, /* from there */
};

/* May one more come? Peers without an IP address have no source. */
enum crowd_answer crowd_judge(const struct crowd *c, const struct peer *p);

/* It has: process `pid`. Only after CROWD_WELCOME. */
void crowd_enter(struct crowd *c, pid_t pid, const struct peer *p);

/* It has ended. False: `pid` was none of ours. */
bool crowd_leave(struct crowd *c, pid_t pid);

size_t crowd_count(const struct crowd *c);

/* Send `signal` to all: each leads a process group. */
void crowd_signal(const struct crowd *c, int signal);

void crowd_free(struct crowd *c);
