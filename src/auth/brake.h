/* SPDX-License-Identifier: ISC */
/* Failed logins, braked across processes: by where they come from (an IPv4
 * address, an IPv6 /64, a local uid) and by the account they are after.
 *
 * Each is a leaky bucket: a failure adds one, `leak_s` takes one out again, and
 * while `burst` are in it the next login is not even tried. So whoever goes on
 * failing gets `burst` at once and then one each `leak_s`.
 *
 * An account under attack from many sources stays open to those who lately
 * logged in to it, each from its own source. */
#pragma once

#include "base/peer.h"

/* burst 0: never holds. A bucket counts up to four bursts; so it holds for
 * 3 burst + 1 leaks at most. One whose burst leaks for longer than 2^32 seconds
 * may never hold. */
struct brake_limit {
	unsigned burst;
	unsigned leak_s;
};

struct brake_limits {
	struct brake_limit source;
	struct brake_limit account; /* a larger burst */
	unsigned known_s; /* how long a source is known good for an account */
};

struct brake;

/* Open the file at `path`, or make it (mode 0600); processes of one user share
 * it. It may be deleted, cut or overwritten at any time: what was counted is
 * then forgotten, and a damaged file is replaced by the next who opens it.
 *
 * 0; -EPERM, -ELOOP, -EMLINK, -EINVAL: the file is not ours alone; or -errno.
 * Logins go on without: every function takes NULL for one that never holds. */
int brake_open(const char *path, const struct brake_limits *l,
	       struct brake **ret) MUST_LOOK;

/* Below, `account` is in any case of letters, existing or not; empty: it is not
 * known (yet), and the source counts alone. `source` NULL: it is everybody, and
 * the account counts alone. */

/* A login that is being checked. It counts as failed until it turns out not to
 * be: else all guesses that are made at one moment would be free. */
struct brake_try {
	const struct peer *source; /* given; lasts until brake_end */
	struct slice account;      /* likewise */
	bool counted;
	bool from_account; /* counted against the account, too */
};

enum brake_outcome {
	BRAKE_FAILED, /* the password was wrong, or there is no such account */
	BRAKE_PASSED,
	BRAKE_NEITHER, /* our trouble, or given up before it was checked */
};

/* Look whether it is held and count it, in one step. False: too many failures,
 * do not even check. While others of that source are being checked, whose
 * success would let this one in, they are waited for: 3 s at most. */
bool brake_begin(struct brake *b, struct brake_try *t) MUST_LOOK;

/* It turned out: unless it has failed it is taken back. What was not begun, or
 * has ended, is left alone. Who dies in between has failed once. */
void brake_end(struct brake *b, struct brake_try *t,
	       enum brake_outcome outcome);

/* Too many failures: do not even ask. Waits like brake_begin, counts nothing.
 */
bool brake_holds(struct brake *b, const struct peer *source,
		 struct slice account) MUST_LOOK;

/* What was not begun has failed. From a source known good for the account this
 * counts against the source alone. */
void brake_failed(struct brake *b, const struct peer *source,
		  struct slice account);

/* What was right, as brake_end has it: the source's failures at this account
 * are forgotten, and it is known good for it from now on. Those at others stay:
 * who has an account of his own gets no more guesses at them. */
void brake_passed(struct brake *b, const struct peer *source,
		  struct slice account);

void brake_close(struct brake *b);
