/* SPDX-License-Identifier: ISC */
/* How often each source and each login does something, counted across all
 * processes in one small file that may be lost (base/slots.h).
 *
 * Each is a leaky bucket: a rate of n in a time lets n through at once, and
 * from then on one in each n-th part of that time; so there is no window at
 * whose edge twice as many would pass. What is refused is not counted. The
 * emptiest bucket makes room for a new one, among those that a keyed hash puts
 * together: a stranger cannot choose whose. */
#pragma once

#include "base/peer.h"
#include "conf/rate.h"

struct rates;

/* What is counted. Those of sources and those of logins are kept apart: no
 * flood pushes a login's out. */
enum rates_what {
	RATES_CONNECTIONS,
	RATES_MESSAGES,
	RATES_RECIPIENTS,
	RATES_FAILED_RECIPIENTS,
	RATES_USER_MESSAGES, /* from here on: of logins */
	RATES_USER_RECIPIENTS,
	RATES_TOLD, /* what has been said in the log, about whom or what */
};

/* Open the file at `path`, or make it (mode 0600). It may be deleted, cut or
 * overwritten at any time: what was counted is then forgotten. 0; -EPERM,
 * -ELOOP, -EMLINK, -EINVAL: the file is not ours alone; or -errno.
 *
 * Mail goes on without: NULL below is one that never refuses. */
int rates_open(const char *path, struct rates **ret) MUST_LOOK;
void rates_close(struct rates *r);

/* May `whose` do one more now? If so, it is counted. */
bool rates_take(struct rates *r, enum rates_what what, const struct rate *limit,
		struct slice whose) MUST_LOOK;

/* The same, and nothing is counted. */
bool rates_have(struct rates *r, enum rates_what what, const struct rate *limit,
		struct slice whose) MUST_LOOK;

/* The network that a source is one of, as a name for the above; empty when it
 * has no IP address: then there is nobody to count. */
#define RATES_SOURCE_MAX 16
struct slice rates_source(const struct peer *p, unsigned ipv4_prefix,
			  unsigned ipv6_prefix, char ret[RATES_SOURCE_MAX]);

/* A login as a name for the above: `ALICE` is alice. */
#define RATES_LOGIN_MAX 320 /* what comes after it is not looked at */
struct slice rates_login(struct slice login, char ret[RATES_LOGIN_MAX]);
