/* SPDX-License-Identifier: ISC */
/* See clock.h. A static lies here: the clock that tests set. */
#include "base/clock.h"

#define TICK_MOST_US 10000

static struct {
	bool frozen;
	int64_t real_us;
	int64_t mono_ms;
} set;

static int64_t read_us(clockid_t id)
{
	struct timespec t;

	/* fails only for a clock id the kernel does not have */
	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_real_us(void)
{
	return set.frozen ? set.real_us : read_us(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return set.frozen ? set.mono_ms : read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_tick_us(void)
{
	return set.frozen ? set.real_us : read_us(CLOCK_REALTIME_COARSE);
}

void clock_pause_us(uint64_t us)
{
	struct timespec t = { .tv_sec = (time_t)(us / 1000000),
			      .tv_nsec = (long)(us % 1000000) * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		;
}

void clock_outwait_us(int64_t stamp_us)
{
	int64_t left_us = stamp_us - clock_tick_us();

	for (int i = 0; i < 40 && left_us >= 0 && left_us <= TICK_MOST_US;
	     i++) {
		clock_pause_us(500);
		left_us = stamp_us - clock_tick_us();
	}
}

void clock_freeze(int64_t real_us, int64_t mono_ms)
{
	set.real_us = real_us;
	set.mono_ms = mono_ms;
	set.frozen = true;
}

void clock_advance_ms(int64_t ms)
{
	set.real_us += ms * 1000;
	set.mono_ms += ms;
}

void clock_thaw(void)
{
	set.frozen = false;
}
