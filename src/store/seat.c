/* SPDX-License-Identifier: ISC */
/* See seat.h. The file stays when the session ends: a lock on a file that is
 * removed keeps nobody out. */
#include "store/seat.h"

#include <sys/stat.h>

#include "base/clock.h"

#define PAUSE_MS   100U
#define LEAVING_MS 10U

static int set_time(int seat, int64_t us)
{
	struct timespec t = { .tv_sec = us / 1000000,
			      .tv_nsec = us % 1000000 * 1000 };
	const struct timespec both[2] = { t, t };

	if (futimens(seat, both) == 0)
		return 0;
	/* only its owner may say which time; "now" is for all who may write */
	if (errno == EPERM && us != 0 && futimens(seat, NULL) == 0)
		return 0;
	return -errno;
}

static int64_t left_to_wait(const struct stat *st, int64_t delay_ms)
{
	int64_t last_us = (int64_t)st->st_mtim.tv_sec * 1000000 +
			  st->st_mtim.tv_nsec / 1000;
	int64_t since_ms = (clock_real_us() - last_us) / 1000;

	/* a login in the future: the clock was set back; nobody waits for it */
	return since_ms < 0 || since_ms >= delay_ms ? 0 : delay_ms - since_ms;
}

/* Fresh ones say: nobody has ever logged in. */
static int open_seat(const struct place *p)
{
	int fd = place_open_beside(p, ".session", false);
	int r;

	if (fd != -ENOENT)
		return fd;
	fd = place_open_beside(p, ".session", true);
	r = fd < 0 ? fd : set_time(fd, 0);
	if (r < 0)
		file_close(&fd);
	return r < 0 ? r : fd;
}

/* A session that lasts is told from one that leaves by how it holds the lock:
 * the kernel forgets that with the process, and nobody has to flush it. */
static int lock_seat(int seat, uint64_t leaving_ms)
{
	uint64_t waited_ms = 0;
	int r;

	while ((r = file_try_lock(seat)) == -EAGAIN && waited_ms < leaving_ms &&
	       file_locked_alone(seat) == 0) {
		clock_pause_us(LEAVING_MS * 1000);
		waited_ms += LEAVING_MS;
	}
	return r == -EAGAIN ? -EBUSY : r;
}

int seat_take(const struct place *p, int64_t login_delay_ms,
	      uint64_t leaving_ms, int64_t *ret_wait_ms)
{
	int seat = open_seat(p);
	int64_t wait_ms = 0;
	struct stat st;
	int r = seat;

	if (r >= 0)
		r = lock_seat(seat, leaving_ms);
	if (r == 0 && fstat(seat, &st) < 0)
		r = -errno;
	if (r == 0)
		wait_ms = left_to_wait(&st, login_delay_ms);
	if (r == 0 && wait_ms > 0)
		r = -EBUSY;
	*ret_wait_ms = wait_ms;
	if (r < 0)
		file_close(&seat);
	return r < 0 ? r : seat;
}

int seat_wait(const struct place *p, uint64_t wait_ms)
{
	uint64_t waited_ms = 0;
	int64_t delay_ms;
	int seat;

	while ((seat = seat_take(p, 0, 0, &delay_ms)) == -EBUSY &&
	       waited_ms < wait_ms) {
		clock_pause_us(PAUSE_MS * 1000);
		waited_ms += PAUSE_MS;
	}
	return seat;
}

int seat_stamp(int seat)
{
	return set_time(seat, clock_real_us());
}

int seat_leave(int seat)
{
	return file_try_lock_shared(seat);
}
