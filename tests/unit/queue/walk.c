/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "house.h"

struct seen {
	size_t n, claimed;
	int64_t last_us;
};

static int look(void *context, struct queue_item *item, int64_t due_us,
		bool claimed)
{
	struct seen *s = context;

	cr_assert_eq(queue_item_envelope(item)->n_to, 2);
	s->n++;
	s->claimed += claimed;
	s->last_us = due_us;
	return 0;
}

Test(walk, sees_all_and_claims_nothing)
{
	struct house h;
	struct seen seen = { 0 };
	struct queue_item *held, *item;
	int64_t next;

	house_open(&h);
	cr_assert_eq(queue_next_due(h.queue, &next), 0);
	cr_assert_eq(next, INT64_MAX);
	house_publish(&h, &item);
	cr_assert_eq(queue_item_later(item, NOON_US), 0);
	house_publish(&h, &held);
	cr_assert_eq(queue_walk(h.queue, look, &seen), 0);
	cr_assert_eq(seen.n, 2);
	cr_assert_eq(seen.claimed, 1);
	cr_assert_eq(seen.last_us, NOON_US);
	cr_assert_eq(queue_next_due(h.queue, &next), 0);
	cr_assert_eq(next, 0);
	queue_item_free(held);
	house_close(&h);
}

Test(walk, new_left_sees_what_others_hold)
{
	struct house h;
	struct queue_item *held;
	bool left = true;

	house_open(&h);
	cr_assert_eq(queue_new_left(h.queue, &left), 0);
	cr_assert(!left);
	house_publish(&h, &held);
	cr_assert_eq(queue_new_left(h.queue, &left), 0);
	cr_assert(left);
	cr_assert_eq(queue_item_later(held, NOON_US), 0);
	cr_assert_eq(queue_new_left(h.queue, &left), 0);
	cr_assert(!left);
	house_close(&h);
}
