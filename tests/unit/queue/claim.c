/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/log.h"
#include "house.h"
#include "queue/events.h"

static size_t claim_all(struct house *h, int64_t now_us, size_t most,
			struct queue_item ***ret)
{
	size_t n = 0;

	cr_assert_eq(queue_claim_due(h->queue, now_us, most, ret, &n), 0);
	return n;
}

Test(claim, new_is_emptied_and_two_runs_share)
{
	struct house h;
	struct queue_item **mine, **theirs;

	house_open(&h);
	for (int i = 0; i < 5; i++)
		house_publish(&h, NULL);
	cr_assert_eq(claim_all(&h, NOON_US, 3, &mine), 3);
	cr_assert_eq(house_files(&h, "new"), 2);
	cr_assert_eq(claim_all(&h, NOON_US, 9, &theirs), 2);
	cr_assert_eq(house_files(&h, "new"), 0);
	for (size_t i = 0; i < 3; i++)
		queue_item_free(mine[i]);
	for (size_t i = 0; i < 2; i++)
		cr_assert_eq(queue_item_remove(theirs[i]), 0);
	free(mine);
	free(theirs);
	cr_assert_eq(claim_all(&h, NOON_US, 9, &mine), 3);
	for (size_t i = 0; i < 3; i++)
		queue_item_free(mine[i]);
	free(mine);
	house_close(&h);
}

/* Oldest first; what is not due stays where it is; empty folders go. */
Test(claim, in_order_of_their_time)
{
	static const int64_t wait_s[] = { 700, 5, 900, 60, 0 };
	static const size_t order[] = { 4, 1, 3, 0 };
	struct house h;
	struct queue_item *item, **items;
	char id[5][IDENT_MAX], path[128];
	int64_t next;
	struct stat st;

	house_open(&h);
	for (size_t i = 0; i < 5; i++) {
		house_publish(&h, &item);
		memcpy(id[i], h.id, IDENT_MAX);
		cr_assert_eq(
			queue_item_later(item, NOON_US + wait_s[i] * 1000000),
			0);
	}
	cr_assert_eq(queue_next_due(h.queue, &next), 0);
	cr_assert_eq(next, NOON_US);
	cr_assert_eq(claim_all(&h, NOON_US + 700 * 1000000LL, 9, &items), 4);
	for (size_t i = 0; i < 4; i++) {
		cr_assert(slice_eq(queue_item_envelope(items[i])->id,
				   slice_of(id[order[i]])),
			  "place %zu", i);
		cr_assert_eq(queue_item_remove(items[i]), 0);
	}
	free(items);
	(void)snprintf(path, sizeof(path), "%s/due/2026-11-23T12:00Z",
		       h.directory);
	/* the last one out takes the folder along */
	cr_assert_neq(stat(path, &st), 0);
	cr_assert_eq(claim_all(&h, NOON_US + 700 * 1000000LL, 9, &items), 0);
	free(items);
	cr_assert_eq(house_files(&h, "due"), 1);
	cr_assert_eq(queue_next_due(h.queue, &next), 0);
	cr_assert_eq(next, NOON_US + 900 * 1000000LL);
	house_close(&h);
}

/* However many processes run, a message is worked off once. */
Test(claim, exclusive_between_processes)
{
	enum { MESSAGES = 60, RUNS = 3 };
	struct house h;
	int got = 0;

	house_open(&h);
	for (int i = 0; i < MESSAGES; i++)
		house_publish(&h, NULL);
	for (int run = 0; run < RUNS; run++)
		if (fork() == 0) {
			struct queue_item **items;
			size_t n = 0;
			int mine = 0;

			while (queue_claim_due(h.queue, NOON_US, 4, &items,
					       &n) == 0 &&
			       n > 0) {
				mine += (int)n;
				for (size_t i = 0; i < n; i++)
					if (queue_item_remove(items[i]) < 0)
						_exit(255);
				free(items);
			}
			_exit(mine);
		}
	for (int run = 0, status; run < RUNS; run++) {
		cr_assert(wait(&status) > 0 && WIFEXITED(status));
		got += WEXITSTATUS(status);
	}
	cr_assert_eq(got, MESSAGES);
	cr_assert_eq(house_files(&h, ""), 0);
	house_close(&h);
}

Test(claim, what_cannot_be_understood_is_put_aside)
{
	static const char *const names[] = { "new/junk", "new/00000000000000a",
					     "due/2026-11-23T11:00Z/junk" };
	struct house h;
	struct queue_item **items;
	char path[128];

	house_open(&h);
	(void)snprintf(path, sizeof(path), "%s/due/2026-11-23T11:00Z",
		       h.directory);
	cr_assert_eq(mkdir(path, 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/%s", h.directory,
			       names[i]);
		f = fopen(path, "w");
		cr_assert(f && fputs("junk\n\n", f) > 0 && fclose(f) == 0);
	}
	house_publish(&h, NULL);
	cr_assert_eq(claim_all(&h, NOON_US, 9, &items), 1);
	queue_item_free(items[0]);
	free(items);
	cr_assert_eq(house_files(&h, "bad"), 3, "none replaces another");
	cr_assert_eq(house_files(&h, "new"), 0);
	house_close(&h);
}

/* A child has the file open too: ours to give up, and not his. */
Test(claim, ends_with_its_item_whatever_children_hold)
{
	struct house h;
	struct queue_item *item, *again;
	pid_t ends, stays;

	house_open(&h);
	house_publish(&h, &item);
	ends = fork();
	if (ends == 0)
		_exit(0);
	cr_assert_eq(waitpid(ends, NULL, 0), ends);
	cr_assert_eq(queue_claim(h.queue, h.env.id, &again), -EAGAIN);
	stays = fork();
	if (stays == 0) {
		(void)poll(NULL, 0, 5000);
		_exit(0);
	}
	queue_item_free(item);
	cr_assert_eq(queue_claim(h.queue, h.env.id, &again), 0);
	queue_item_free(again);
	(void)kill(stays, SIGKILL);
	(void)waitpid(stays, NULL, 0);
	house_close(&h);
}

static void count_closed(void *context, const struct log_kind *kind,
			 const struct log_field *fields, size_t n)
{
	(void)fields;
	(void)n;
	if (kind == &queue_event_closed)
		++*(int *)context;
}

/* As an account that others' files are closed to. */
static int pass_among_closed(void)
{
	struct house h;
	struct queue_item **items = NULL;
	char path[256];
	int said = 0;
	size_t n;

	if (geteuid() == 0 && setuid(47110) < 0)
		return 1;
	log_set_sink(count_closed, &said);
	house_open(&h);
	for (int i = 0; i < 2; i++) {
		house_publish(&h, NULL);
		(void)snprintf(path, sizeof(path), "%s/new/%s", h.directory,
			       h.id);
		if (chmod(path, 0) < 0)
			return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/due/2026-11-23T11:00Z",
		       h.directory);
	if (mkdir(path, 0) < 0)
		return 3;
	house_publish(&h, NULL);
	n = claim_all(&h, NOON_US, 9, &items);
	if (n == 1)
		queue_item_free(items[0]);
	free(items);
	(void)chmod(path, 0700);
	house_close(&h);
	return n == 1 && said == 1 ? 0 : 4;
}

/* They are passed over, and the log says so once. */
Test(claim, what_may_not_be_opened)
{
	int status;

	if (fork() == 0)
		_exit(pass_among_closed());
	cr_assert_gt(wait(&status), 0);
	cr_assert_eq(status, 0, "%d", WEXITSTATUS(status));
}
