/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "house.h"

Test(draft, published_and_claimed_at_once)
{
	struct house h;
	struct queue_item *item = NULL, *other = NULL;
	uint64_t offset, length;
	char text[64];
	int fd;

	house_open(&h);
	house_publish(&h, &item);
	cr_assert(item);
	cr_assert_eq(queue_claim(h.queue, h.env.id, &other), -EAGAIN);
	cr_assert_eq(queue_item_envelope(item)->octets, 23);
	queue_item_message(item, &fd, &offset, &length);
	cr_assert_eq(length, 23);
	cr_assert_eq(file_read_at(fd, text, sizeof(text), offset), 23);
	cr_assert_eq(memcmp(text, "body of ", 8), 0);
	queue_item_free(item);
	cr_assert_eq(queue_claim(h.queue, h.env.id, &other), 0);
	cr_assert_eq(queue_item_remove(other), 0);
	cr_assert_eq(house_files(&h, ""), 0);
	house_close(&h);
}

Test(draft, thrown_away)
{
	struct house h;
	struct queue_draft *d;

	house_open(&h);
	house_envelope(&h);
	cr_assert_eq(queue_draft_new(h.queue, &h.env, &d), 0);
	cr_assert_eq(house_files(&h, "tmp"), 1);
	queue_draft_free(d);
	cr_assert_eq(house_files(&h, ""), 0);
	house_close(&h);
}

struct stop {
	int at;    /* the step at which to stop */
	int error; /* 0: die */
	int seen;
};

static int stop_there(void *context, const char *step)
{
	struct stop *s = context;

	(void)step;
	if (s->seen++ != s->at)
		return 0;
	if (s->error == 0)
		_exit(0);
	return s->error;
}

static int try_publish(struct house *h, bool claim)
{
	struct queue_draft *d;
	struct queue_item *item = NULL;
	int r = queue_draft_new(h->queue, &h->env, &d);

	if (r == 0) {
		r = queue_draft_write(d, SLICE("text"));
		if (r < 0)
			queue_draft_free(d);
		else
			r = queue_draft_publish(d, 4, claim ? &item : NULL);
	}
	queue_item_free(item);
	return r;
}

/* Whole or not at all, wherever a writer dies. */
Test(draft, dies_at_every_step)
{
	int whole = 0;

	for (int at = 0; at < 10; at++) {
		struct house h;
		struct queue_item *item;
		int status;
		pid_t pid;

		house_open(&h);
		house_envelope(&h);
		pid = fork();
		if (pid == 0) {
			struct stop s = { .at = at };

			file_set_hook(stop_there, &s);
			_exit(try_publish(&h, at % 2 == 0) == 0 ? 1 : 2);
		}
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		if (house_files(&h, "new") > 0) {
			whole++;
			cr_assert_eq(queue_claim(h.queue, h.env.id, &item), 0,
				     "step %d", at);
			queue_item_free(item);
		} else {
			cr_assert_eq(WEXITSTATUS(status), 0, "lost at %d", at);
		}
		house_close(&h);
	}
	cr_assert(whole > 0 && whole < 10);
}

/* A step that fails leaves nothing and is reported. */
Test(draft, fails_at_every_step)
{
	for (int at = 0; at < 7; at++) {
		struct house h;
		struct stop s = { .at = at, .error = -ENOSPC };

		house_open(&h);
		house_envelope(&h);
		file_set_hook(stop_there, &s);
		cr_assert_eq(try_publish(&h, at % 2), -ENOSPC, "step %d", at);
		file_set_hook(NULL, NULL);
		cr_assert_eq(house_files(&h, ""), 0, "step %d", at);
		house_close(&h);
	}
}
