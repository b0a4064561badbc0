/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "main/ledger.h"

static struct ledger *fresh(void)
{
	struct ledger *l;

	cr_assert_eq(unsetenv(LEDGER_VARIABLE), 0);
	l = ledger_open();
	cr_assert_not_null(l);
	return l;
}

static struct ledger_row *begin(struct ledger *l, pid_t pid)
{
	struct ledger_row *row = ledger_take(l);

	cr_assert_not_null(row);
	row->pid = pid;
	return row;
}

static void expect_sum(const struct ledger *l, uint64_t acceptors,
		       uint64_t live, uint64_t served, uint64_t refused)
{
	struct ledger_sum s = ledger_sum(l);

	cr_assert_eq(s.acceptors, acceptors);
	cr_assert_eq(s.live, live);
	cr_assert_eq(s.served, served);
	cr_assert_eq(s.refused, refused);
}

Test(ledger, rows)
{
	struct ledger *l = fresh();
	struct ledger_row *one, *two;

	cr_assert_null(ledger_oldest(l));
	cr_assert_null(ledger_find(l, 1001));
	expect_sum(l, 0, 0, 0, 0);
	one = begin(l, 1001);
	two = begin(l, 1002);
	one->live = 3;
	one->served = 10;
	one->refused = 1;
	two->live = 4;
	two->served = 20;
	expect_sum(l, 2, 7, 30, 1);
	cr_assert_eq(ledger_find(l, 1002), two);
	cr_assert_eq(ledger_oldest(l), one);
	/* those that were served stay so */
	ledger_give_back(l, one);
	expect_sum(l, 1, 4, 30, 1);
	cr_assert_null(ledger_find(l, 1001));
	/* the row is the first again, its acceptor the last */
	cr_assert_eq(begin(l, 1003), one);
	expect_sum(l, 2, 4, 30, 1);
	cr_assert_eq(ledger_oldest(l), two);
}

Test(ledger, all_rows_are_taken)
{
	struct ledger *l = fresh();
	struct ledger_row *row;

	for (int i = 0; i < LEDGER_ROWS; i++)
		begin(l, 1000 + i);
	cr_assert_null(ledger_take(l));
	row = ledger_find(l, 1030);
	ledger_give_back(l, row);
	cr_assert_eq(ledger_take(l), row);
}

Test(ledger, the_next_program_finds_it)
{
	struct ledger *l = fresh(), *again;
	struct ledger_row *row = begin(l, 1001);

	row->served = 5;
	again = ledger_open();
	cr_assert_neq(again, l, "mapped anew, as after an exec");
	expect_sum(again, 1, 0, 5, 0);
	ledger_find(again, 1001)->live = 2;
	cr_assert_eq(row->live, 2, "one and the same");
	cr_assert_eq(again->fd, l->fd);
}

/* The next program in our place, in earnest. */
Test(ledger, outlives_an_exec)
{
	char command[64];
	struct ledger *l = fresh();

	(void)snprintf(command, sizeof(command),
		       "test $%s = %d && test -e /proc/self/fd/%d",
		       LEDGER_VARIABLE, l->fd, l->fd);
	cr_assert_eq(system(command), 0);
}

Test(ledger, another_version_is_ignored)
{
	static const char *const wrong[] = { "",   "x",  "0",
					     "-1", "99", "99999999999999" };
	struct ledger *l = fresh(), *other;

	begin(l, 1001);
	l->version[strlen(l->version)] = '9';
	other = ledger_open();
	cr_assert_not_null(other);
	expect_sum(other, 0, 0, 0, 0);
	cr_assert_neq(other->fd, l->fd);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		cr_assert_eq(setenv(LEDGER_VARIABLE, wrong[i], 1), 0);
		other = ledger_open();
		cr_assert_not_null(other, "'%s'", wrong[i]);
		expect_sum(other, 0, 0, 0, 0);
	}
}

Test(ledger, signals)
{
	struct ledger *l = fresh();
	int status;

	for (int i = 0; i < 3; i++) {
		struct ledger_row *row = ledger_take(l);
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		row->pid = pid;
	}
	ledger_signal(l, SIGTERM);
	for (int i = 0; i < 3; i++) {
		pid_t pid = wait(&status);

		cr_assert(WIFSIGNALED(status));
		cr_assert_eq(WTERMSIG(status), SIGTERM);
		ledger_give_back(l, ledger_find(l, pid));
	}
	expect_sum(l, 0, 0, 0, 0);
}
