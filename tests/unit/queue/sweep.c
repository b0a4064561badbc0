/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/wait.h>

#include "base/clock.h"
#include "house.h"

Test(sweep, removes_what_the_dead_left)
{
	struct house h;
	struct queue_draft *alive, *dead;
	int64_t now_us = clock_real_us();
	pid_t pid;

	house_open(&h);
	house_envelope(&h);
	cr_assert_eq(queue_draft_new(h.queue, &h.env, &alive), 0);
	house_envelope(&h);
	pid = fork();
	if (pid == 0)
		_exit(queue_draft_new(h.queue, &h.env, &dead) == 0 ? 0 : 1);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_assert_eq(house_files(&h, "tmp"), 2);
	cr_assert_eq(queue_sweep(h.queue, now_us), 0, "too young");
	cr_assert_eq(queue_sweep(h.queue, now_us + DAY_US), 1);
	cr_assert_eq(house_files(&h, "tmp"), 1);
	queue_draft_free(alive);
	house_close(&h);
}
