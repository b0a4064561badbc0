/* SPDX-License-Identifier: ISC */
/* See lock.h. */
#include "store/lock.h"

#include <fcntl.h>

#define PAUSE_FIRST_MS 5
#define PAUSE_MOST_MS  200

static void unlock(int fd)
{
	struct flock f = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	ignore(fcntl(fd, F_OFD_SETLK, &f)); /* closing it unlocks too */
}

static int try_both(const struct place *p, int fd, bool dotlock, struct lock *l)
{
	int r = file_try_lock(fd);

	if (r < 0)
		return r;
	*l = (struct lock){ .fd = fd };
	if (dotlock)
		r = dotlock_try(p, &l->dotlock);
	if (r < 0)
		unlock(fd);
	return r;
}

static void pause_ms(uint64_t ms)
{
	struct timespec t = { .tv_sec = (time_t)(ms / 1000),
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		;
}

int lock_take(const struct place *p, int fd,
	      const struct store_options *options, struct lock *ret)
{
	uint64_t left_ms = options->lock_wait_ms, ms = PAUSE_FIRST_MS;
	struct lock l;
	int r;

	while ((r = try_both(p, fd, options->dotlock, &l)) == -EAGAIN &&
	       left_ms > 0) {
		if (ms > left_ms)
			ms = left_ms;
		pause_ms(ms);
		left_ms -= ms;
		ms = ms * 2 < PAUSE_MOST_MS ? ms * 2 : PAUSE_MOST_MS;
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
