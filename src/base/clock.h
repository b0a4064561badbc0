/* SPDX-License-Identifier: ISC */
/* The only place that reads clocks, so that a test can set them. */
#pragma once

#include "base/base.h"

/* Microseconds since 1970 (UTC), and milliseconds of a clock that never
 * steps. Deadlines are made of the second. */
int64_t clock_real_us(void);
int64_t clock_mono_ms(void);

/* The real clock as the kernel stamps files with it: goes in ticks, of 1 to
 * 10 ms. */
int64_t clock_tick_us(void);

/* Wait until the tick that this stamp was given in is over: what changes from
 * now on gets another one. Not for stamps that are far off: another machine's
 * clock gave them. */
void clock_outwait_us(int64_t stamp_us);

/* Sleep. */
void clock_pause_us(uint64_t us);

/* Tests: from now on the clocks stand at these readings until moved again. */
void clock_freeze(int64_t real_us, int64_t mono_ms);
void clock_advance_ms(int64_t ms);
void clock_thaw(void);
