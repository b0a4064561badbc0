/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "relay/destination.h"
#include "tests/unit/relay/house.h"

#define IN_HOUSE .init = house_open, .fini = house_close

static struct queue_item *claim(const char *id)
{
	struct queue_item *item = NULL;

	cr_assert_eq(queue_claim(house.relay.queue, slice_of(id), &item), 0);
	return item;
}

Test(destination, groups_by_next_hop_and_message, IN_HOUSE)
{
	struct queue_item *one = claim(house_queue(
		"one", "a@x.example", "b@y.example", "c@x.example", NULL));
	struct queue_item *two = claim(house_queue("two", "d@x.example", NULL));
	struct destinations d = { 0 };
	struct destination *x = destination_of(&d, SLICE("x.example"));
	struct destination *y = destination_of(&d, SLICE("y.example"));
	bool is_new = false;

	cr_assert(x && y && x != y);
	cr_assert_eq(destination_of(&d, SLICE("x.example")), x);
	cr_assert_eq(destination_add(x, one, 0, &is_new), 0);
	cr_assert(is_new);
	cr_assert_eq(destination_add(y, one, 1, &is_new), 0);
	cr_assert(is_new);
	cr_assert_eq(destination_add(x, one, 2, &is_new), 0);
	cr_assert(!is_new);
	cr_assert_eq(destination_add(x, two, 0, &is_new), 0);
	cr_assert(is_new);

	cr_assert_eq(x->waiting->item, one);
	cr_assert_eq(x->waiting->n, 2);
	cr_assert_eq(x->waiting->which[1], 2);
	cr_assert_eq(x->waiting->next->item, two);
	cr_assert_null(x->waiting->next->next);
	cr_assert_eq(y->waiting->n, 1);
	destinations_done(&d);
	queue_item_free(one);
	queue_item_free(two);
}

Test(destination, nothing_waiting_starts_nothing, IN_HOUSE)
{
	struct destinations d = { 0 };

	cr_assert_not_null(destination_of(&d, SLICE("x.example")));
	cr_assert_eq(destinations_start(&d, &house.relay, 2), 0);
	cr_assert_eq(d.workers, 0);
	cr_assert_null(destinations_wait(&d, 0));
	destinations_done(&d);
}
