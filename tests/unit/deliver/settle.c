/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "post.h"

#define TEXT "Message-ID: <1@far>\nSubject: x\n\nhello\n"

/* Queue one for `address` and set its state. */
static struct queue_item *item_with(const char *from, const char *address,
				    unsigned notify, enum recipient_state state)
{
	struct queue_item *item;
	struct recipient *r;

	post_envelope(from);
	post_to(address)->notify = notify;
	post_to("other@else.example");
	cr_assert_eq(post_commit(TEXT), 0);
	item = post_claim();
	r = queue_item_envelope(item)->to;
	r->state = state;
	r->status = SLICE("5.7.1");
	r->detail = SLICE("550 5.7.1 go away");
	r->remote = SLICE("mx.else.example");
	r[1].state = RECIPIENT_RELAYED;
	return item;
}

static void settle(struct queue_item *item, int64_t now_us)
{
	clock_freeze(now_us, 0);
	cr_assert_eq(
		deliver_settle(post.deliver, item, now_us, now_us + HOUR_US),
		0);
}

/* From, notify, state, hours later: notifications, and is the item kept? */
Test(settle, who_is_told_what, .init = post_open, .fini = post_close)
{
	static const struct {
		const char *from;
		unsigned notify;
		enum recipient_state state;
		int hours;
		const char *told; /* the Action, or NULL */
		bool kept;
	} rows[] = {
		{ "bob@here.example", 0, RECIPIENT_FAILED, 0, "failed", false },
		{ "bob@here.example", DSN_NEVER, RECIPIENT_FAILED, 0, NULL,
		  false },
		{ "bob@here.example", DSN_SUCCESS, RECIPIENT_FAILED, 0, NULL,
		  false },
		{ "", 0, RECIPIENT_FAILED, 0, NULL, false },
		{ "bob@here.example", 0, RECIPIENT_PENDING, 3, NULL, true },
		{ "bob@here.example", 0, RECIPIENT_PENDING, 4, "delayed",
		  true },
		{ "bob@here.example", DSN_FAILURE, RECIPIENT_PENDING, 9, NULL,
		  true },
		{ "", 0, RECIPIENT_PENDING, 9, NULL, true },
		{ "bob@here.example", DSN_SUCCESS, RECIPIENT_RELAYED, 0,
		  "relayed", false },
		{ "bob@here.example", DSN_SUCCESS, RECIPIENT_DELIVERED, 0,
		  "delivered", false },
		{ "bob@here.example", 0, RECIPIENT_DELIVERED, 0, NULL, false },
		{ "nobody@here.example", 0, RECIPIENT_FAILED, 0, "failed",
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t before = post.n_got;
		struct queue_item *item;
		char action[32];

		clock_freeze(NOON_US, 0);
		item = item_with(rows[i].from, "eve@else.example",
				 rows[i].notify, rows[i].state);
		settle(item, NOON_US + rows[i].hours * HOUR_US);
		cr_assert_eq(post.n_got - before, rows[i].told ? 1 : 0,
			     "row %zu", i);
		cr_assert_eq(post_queued(), rows[i].kept, "row %zu", i);
		if (rows[i].told) {
			(void)snprintf(action, sizeof(action), "\nAction: %s\n",
				       rows[i].told);
			cr_assert(post_got(before, action), "row %zu: %s", i,
				  post.got[before].text);
			cr_assert(post_got(before, "Return-Path: <>\n"));
		}
		if (rows[i].kept) { /* and told once only */
			before = post.n_got;
			settle(post_claim(), NOON_US + 10 * HOUR_US);
			settle(post_claim(), NOON_US + 11 * HOUR_US);
			cr_assert_leq(post.n_got - before, 1, "row %zu", i);
			item = post_claim();
			cr_assert_eq(queue_item_remove(item), 0);
		}
	}
	cr_assert_str_eq(post.got[post.n_got - 1].mailbox, "root");
}

Test(settle, an_unwritable_queue_leaves_it_owed, .init = post_open,
     .fini = post_close)
{
	struct queue_item *item = item_with(
		"later@here.example", "eve@else.example", 0, RECIPIENT_FAILED);

	settle(item, NOON_US);
	cr_assert_eq(post.n_got, 0);
	cr_assert_eq(post_queued(), 1);
	item = post_claim();
	cr_assert(!queue_item_envelope(item)->to[0].reported);
	queue_item_free(item);
}

/* A notification that fails goes to the postmaster; that one, nowhere. */
Test(settle, double_bounces_end, .init = post_open, .fini = post_close)
{
	struct queue_item *item;

	settle(item_with("alice@far.example", "eve@else.example", 0,
			 RECIPIENT_FAILED),
	       NOON_US);
	cr_assert_eq(post_queued(), 1, "the notification, for far.example");
	item = post_claim();
	cr_assert_eq(queue_item_envelope(item)->from.n, 0);
	queue_item_envelope(item)->to[0].state = RECIPIENT_FAILED;
	post.store_error = -EAGAIN;
	settle(item, NOON_US);
	cr_assert_eq(post_queued(), 1, "the postmaster's, waiting");
	item = post_claim();
	cr_assert(slice_eq(queue_item_envelope(item)->to[0].address,
			   SLICE("root@here.example")));
	queue_item_envelope(item)->to[0].state = RECIPIENT_FAILED;
	settle(item, NOON_US);
	cr_assert_eq(post_queued(), 0);
}

Test(settle, a_user_who_vanished_fails, .init = post_open, .fini = post_close)
{
	post_envelope("bob@here.example");
	post_to("nobody@here.example");
	post_to("eve@here.example");
	cr_assert_eq(post_commit(TEXT), 0);
	cr_assert_eq(post.n_got, 2);
	cr_assert(post_got(1, "Status: 5.1.1\n"));
	cr_assert(post_got(1, "In-Reply-To: <1@far>\n"));
	cr_assert_eq(post_queued(), 0);
}

/* RFC 8689 §5: what is told of it goes as safely as it did. */
Test(settle, requiretls_is_handed_down, .init = post_open, .fini = post_close)
{
	for (int i = 0; i < 2; i++) {
		struct queue_item *item;

		clock_freeze(NOON_US, 0);
		item = item_with("eve@else.example", "x@else.example", 0,
				 RECIPIENT_FAILED);
		queue_item_envelope(item)->requiretls = i == 1;
		settle(item, NOON_US);
		cr_assert_eq(post_queued(), 1);
		item = post_claim();
		cr_assert_eq(queue_item_envelope(item)->from.n, 0);
		cr_assert_eq(queue_item_envelope(item)->requiretls, i == 1);
		cr_assert_eq(queue_item_remove(item), 0);
	}
}
