/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "relay/held.h"
#include "tests/unit/relay/house.h"

#define IN_HOUSE .init = house_open, .fini = house_close

static struct queue_item *item_of(const char *id)
{
	struct queue_item *item = NULL;

	cr_assert_eq(queue_claim(house.relay.queue, slice_of(id), &item), 0);
	return item;
}

/* Earlier runs' work is not counted again. */
Test(held, counts_this_turn_only, IN_HOUSE)
{
	struct queue_item *item = item_of(house_queue(
		"x", "a@x.example", "b@x.example", "c@x.example", NULL));
	struct envelope *env = queue_item_envelope(item);
	struct relay_count count = { 0 };
	struct held *h;

	env->to[0].state = RECIPIENT_RELAYED;
	cr_assert_eq(queue_item_record(item, &env->to[0], true), 0);
	h = held_new(item);
	env->to[1].state = RECIPIENT_RELAYED;
	cr_assert_eq(queue_item_record(item, &env->to[1], true), 0);
	cr_assert_eq(held_settle(h, &house.relay, &count), 0);
	cr_assert_eq(count.relayed, 1);
	cr_assert_eq(count.deferred, 1);
	cr_assert_eq(house_queued(NULL, NULL), 1);
}

/* Two hosts are down: with the first that may be tried again. */
Test(held, comes_back_with_the_first_host, IN_HOUSE)
{
	struct held *h = held_new(
		item_of(house_queue("x", "a@x.example", "b@y.example", NULL)));
	struct relay_count count = { 0 };
	int64_t due_us;

	held_put_off(h, 0, NOON_US + 2 * HOUR_US);
	held_put_off(h, 1, NOON_US + HOUR_US);
	cr_assert_eq(held_settle(h, &house.relay, &count), 0);
	cr_assert_eq(house_queued(&due_us, NULL), 1);
	cr_assert_eq(due_us, NOON_US + HOUR_US);
}

Test(held, free_leaves_all_as_it_is, IN_HOUSE)
{
	const char *id = house_queue("x", "a@x.example", NULL);
	int64_t due_us = -1;

	held_free(held_new(item_of(id)));
	cr_assert_eq(house_queued(&due_us, NULL), 1);
	cr_assert_eq(due_us, 0);
	queue_item_free(item_of(id));
}
