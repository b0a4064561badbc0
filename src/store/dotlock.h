/* SPDX-License-Identifier: ISC */
/* NAME.lock beside the mailbox, as Debian policy §11.6 and every other mail
 * program wants it. Holds pid, host and boot, a line each. */
#pragma once

#include "store/place.h"

struct dotlock {
	bool held;
	ino_t inode; /* ours, so that we never remove another's */
};

/* Try once; clears away what a dead writer left. Call with the fcntl lock
 * held. 0 (also where we may not or cannot make files there: then nothing
 * is held, and the fcntl lock has to do), -EAGAIN, or -errno. */
int dotlock_try(const struct place *p, struct dotlock *ret) MUST_LOOK;
/* It is still ours: not for others to clear away for its age. */
void dotlock_touch(const struct place *p, const struct dotlock *d);
void dotlock_release(const struct place *p, struct dotlock *d);

/* What dead processes left beside the mailbox: NAME.lock, and the temporary
 * files such a lock is made by. Each is told by its name, and taken away or
 * not. 0 or -errno. */
typedef void dotlock_left(void *context, const char *name);
int dotlock_leftovers(const struct place *p, bool take_away, dotlock_left *left,
		      void *context) MUST_LOOK;
