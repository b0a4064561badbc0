/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "post.h"

struct trouble {
	const char *step;
	int left; /* how often it goes well yet */
};

static int fail_there(void *context, const char *step)
{
	struct trouble *t = context;

	return strcmp(step, t->step) == 0 && t->left-- <= 0 ? -EIO : 0;
}

/* Appended, and the record of it lost: the next try must not deliver again. */
Test(local, repeated_is_delivered_once, .init = post_open, .fini = post_close)
{
	struct queue_item *item;

	post_envelope("alice@far.example");
	post_to("bob@here.example");
	post_to("eve@else.example");
	post.store_error = -EAGAIN;
	cr_assert_eq(post_commit("Subject: x\n\n"), 0);
	post.store_error = 0;
	for (int i = 0; i < 2; i++) {
		const char *step = i ? "sync" : "write";
		struct trouble t = { step, 0 };

		item = post_claim();
		file_set_hook(fail_there, &t);
		cr_assert_eq(deliver_local(post.deliver, item), -EIO);
		file_set_hook(NULL, NULL);
		cr_assert_eq(queue_item_envelope(item)->to[0].state,
			     RECIPIENT_PENDING);
		queue_item_free(item);
		cr_assert_eq(post.n_got, 1);
		cr_assert_eq(post.n_forgotten, 0);
		if (i == 0) {
			item = post_claim();
			cr_assert_eq(queue_item_envelope(item)->to[0].state,
				     RECIPIENT_PENDING);
			queue_item_free(item);
		}
	}
	cr_assert_str_neq(post.got[0].once, "");
}

/* A mailbox that is full may have room again; one that the message would never
 * fit into fails it at once, and the sender hears of it. */
Test(local, a_full_mailbox_waits_and_a_small_one_does_not, .init = post_open,
     .fini = post_close)
{
	struct queue_item *item;
	struct recipient *r;

	post_envelope("alice@here.example");
	post_to("bob@here.example");
	post_to("eve@here.example");
	post.store_error = -EDQUOT;
	post.error_of = "bob";
	cr_assert_eq(post_commit("Subject: x\n\n"), 0);
	cr_assert_eq(post.n_got, 1);
	item = post_claim();
	r = queue_item_envelope(item)->to;
	cr_expect_eq(r->state, RECIPIENT_PENDING);
	cr_expect(slice_eq(r->status, SLICE("4.2.2")));
	post.store_error = -E2BIG;
	cr_assert_eq(deliver_local(post.deliver, item), 0);
	cr_expect_eq(r->state, RECIPIENT_FAILED);
	cr_assert_eq(deliver_settle(post.deliver, item, NOON_US, NOON_US), 0);
	cr_expect(post_got(1, "Status: 5.2.2\n"));
	cr_expect_str_eq(post.got[1].mailbox, "alice");
	cr_assert_eq(post_queued(), 0);
}

/* Its own Delivered-To fails one recipient; the other gets it. */
Test(local, a_loop_is_one_recipients, .init = post_open, .fini = post_close)
{
	post_envelope("");
	post_to("bob@here.example");
	post_to("eve@here.example");
	cr_assert_eq(post_commit("Delivered-To: bob@here.example\n\n"), 0);
	cr_assert_eq(post.n_got, 1);
	cr_assert_str_eq(post.got[0].mailbox, "eve");
	cr_assert_eq(post_queued(), 0);
}
