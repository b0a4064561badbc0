/* SPDX-License-Identifier: ISC */
/* See lock.h. */
#include "store/lock.h"

#include <fcntl.h>

#include "base/clock.h"

/* An append holds the lock for a tenth of a millisecond; who has waited longer
 * waits for something else. */
#define PAUSE_FIRST_US 50
#define PAUSE_MOST_US  200000

static void unlock(int fd)
{
	struct flock f = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	ignore(fcntl(fd, F_OFD_SETLK, &f)); /* closing it unlocks too */
}

static int try_both(const struct place *p, int fd, bool dotlock, struct lock *l)
{
	int r = p->read_only ? file_try_lock_shared(fd) : file_try_lock(fd);

	if (r < 0)
		return r;
	*l = (struct lock){ .fd = fd };
	if (dotlock && !p->read_only)
		r = dotlock_try(p, &l->dotlock);
	if (r < 0)
		unlock(fd);
	return r;
}

int lock_take(const struct place *p, int fd,
	      const struct store_options *options, struct lock *ret)
{
	uint64_t left_us = options->lock_wait_ms * 1000, us = PAUSE_FIRST_US;
	uint64_t waited_us = 0;
	struct lock l;
	int r;

	while ((r = try_both(p, fd, options->dotlock, &l)) == -EAGAIN &&
	       left_us > 0) {
		if (us > left_us)
			us = left_us;
		clock_pause_us(us);
		left_us -= us;
		waited_us += us;
		us = waited_us / 8 < PAUSE_MOST_US ? waited_us / 8
						   : PAUSE_MOST_US;
		if (us < PAUSE_FIRST_US)
			us = PAUSE_FIRST_US;
	}
	if (r == 0)
		*ret = l;
	return r;
}

void lock_release(const struct place *p, struct lock *l)
{
	if (l->fd < 0)
		return;
	dotlock_release(p, &l->dotlock);
	unlock(l->fd);
	l->fd = -1;
}
