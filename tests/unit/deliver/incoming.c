/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "post.h"

#define TEXT "Subject: x\n\nhello\n"

static int no_disk_quota(void *context, const char *step)
{
	(void)context;
	return strcmp(step, "write") == 0 ? -EDQUOT : 0;
}

Test(incoming, one_mailbox_and_no_queue_file, .init = post_open,
     .fini = post_close)
{
	post_envelope("alice@far.example");
	post_to("bob@here.example");
	cr_assert_eq(post_commit(TEXT), 0);
	cr_assert_eq(post.n_got, 1);
	cr_assert_eq(post_queued(), 0);
	cr_assert_str_eq(post.got[0].once, "");
	cr_assert_str_eq(post.got[0].text,
			 "Return-Path: <alice@far.example>\n"
			 "Delivered-To: bob@here.example\n" TEXT);
}

Test(incoming, a_large_one_is_spooled_and_leaves_nothing, .init = post_open,
     .fini = post_close)
{
	static char line[1024];
	struct incoming *in;

	memset(line, 'x', sizeof(line));
	line[1023] = '\n';
	post_envelope("");
	post_to("bob@here.example");
	cr_assert_eq(incoming_new(post.deliver, &post.env, &in), 0);
	cr_assert_eq(incoming_write(in, SLICE("A: b\n\n")), 0);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(incoming_write(in, (struct slice){ line, 1024 }),
			     0);
	cr_assert_eq(incoming_commit(in, 1025006), 0);
	cr_assert_eq(post.n_got, 1);
	cr_assert_gt(post.got[0].n, 1024000 + 6);
	cr_assert(post_got(0, "Return-Path: <>\n"));
	cr_assert_eq(post_queued(), 0);
	cr_assert_eq(queue_sweep(post.queue, INT64_MAX / 2), 0, "tmp/ is bare");
}

Test(incoming, a_busy_mailbox_means_the_queue, .init = post_open,
     .fini = post_close)
{
	struct queue_item *item;
	struct recipient *r;
	int64_t due;

	post.store_error = -EAGAIN;
	post_envelope("alice@far.example");
	post_to("bob@here.example");
	cr_assert_eq(post_commit(TEXT), 0);
	cr_assert_eq(post.n_got, 0);
	cr_assert_eq(queue_next_due(post.queue, &due), 0);
	cr_assert_eq(due, NOON_US + 300 * 1000000LL);
	item = post_claim();
	r = queue_item_envelope(item)->to;
	cr_assert_eq(r->state, RECIPIENT_PENDING);
	cr_assert_eq(r->attempts, 1);
	cr_assert(slice_eq(r->status, SLICE("4.2.0")));
	post.store_error = 0;
	cr_assert_eq(deliver_local(post.deliver, item), 0);
	cr_assert_eq(deliver_local(post.deliver, item), 0);
	cr_assert_eq(post.n_got, 1);
	cr_assert_eq(post.n_forgotten, 1);
	cr_assert_eq(deliver_settle(post.deliver, item, NOON_US, NOON_US), 0);
	cr_assert_eq(post_queued(), 0);
}

/* One mailbox, and it is full: the peer hears it and keeps the message. */
Test(incoming, a_full_mailbox_refuses, .init = post_open, .fini = post_close)
{
	static const int errors[] = { -EDQUOT, -E2BIG };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		post.store_error = errors[i];
		post_envelope("alice@far.example");
		post_to("bob@here.example");
		cr_expect_eq(post_commit(TEXT), errors[i]);
		cr_expect_eq(post_queued(), 0);
	}
}

Test(incoming, what_nobody_can_be_refused_waits, .init = post_open,
     .fini = post_close)
{
	struct queue_item *item;
	struct incoming *in;

	post.store_error = -EDQUOT;
	post_envelope("");
	post_to("bob@here.example");
	cr_assert_eq(incoming_new(post.deliver, &post.env, &in), 0);
	incoming_keep(in);
	cr_assert_eq(incoming_write(in, SLICE(TEXT)), 0);
	cr_assert_eq(incoming_commit(in, strlen(TEXT)), 0);
	item = post_claim();
	cr_expect(slice_eq(queue_item_envelope(item)->to[0].status,
			   SLICE("4.2.2")));
	queue_item_free(item);
}

/* A quota of the file system where the queue lies is no full mailbox. */
Test(incoming, a_full_queue_is_no_full_mailbox, .init = post_open,
     .fini = post_close)
{
	post_envelope("");
	post_to("bob@here.example");
	post_to("eve@here.example");
	file_set_hook(no_disk_quota, NULL);
	cr_expect_eq(post_commit(TEXT), -ENOSPC);
	file_set_hook(NULL, NULL);
}

Test(incoming, here_at_once_and_elsewhere_later, .init = post_open,
     .fini = post_close)
{
	struct queue_item *item;
	int64_t due;

	post_envelope("alice@far.example");
	post_to("bob@here.example");
	post_to("eve@else.example");
	cr_assert_eq(post_commit(TEXT), 0);
	cr_assert_eq(post.n_got, 1);
	cr_assert_eq(queue_next_due(post.queue, &due), 0);
	cr_assert_eq(due, 0, "new/ wakes the retry run");
	item = post_claim();
	cr_assert_eq(queue_item_envelope(item)->to[0].state,
		     RECIPIENT_DELIVERED);
	cr_assert_eq(queue_item_envelope(item)->to[1].state, RECIPIENT_PENDING);
	cr_assert_eq(queue_item_envelope(item)->octets, strlen(TEXT));
	queue_item_free(item);
}

Test(incoming, all_here_leaves_no_file, .init = post_open, .fini = post_close)
{
	post_envelope("alice@far.example");
	post_to("bob@here.example");
	post_to("eve@here.example");
	cr_assert_eq(post_commit(TEXT), 0);
	cr_assert_eq(post.n_got, 2);
	cr_assert_eq(post.n_forgotten, 2);
	cr_assert_eq(post_queued(), 0);
}

Test(incoming, loops_are_cut, .init = post_open, .fini = post_close)
{
	post_envelope("");
	post_to("bob@here.example");
	cr_assert_eq(post_commit("Delivered-To: BOB@here.example\n" TEXT),
		     -ELOOP);
	cr_assert_eq(post.n_got, 0);
	cr_assert_eq(post_queued(), 0);
	cr_assert_eq(post_commit("Subject: x\n\n"
				 "Delivered-To: bob@here.example\n"),
		     0, "in the body it says nothing");
}

Test(incoming, a_failing_write_keeps_failing, .init = post_open,
     .fini = post_close)
{
	post_envelope("");
	post_to("eve@else.example");
	post.env.id = SLICE("no id");
	cr_assert_eq(post_commit(TEXT), -EINVAL);
	cr_assert_eq(post_queued(), 0);
}
