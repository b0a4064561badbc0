/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "house.h"

Test(item, states_are_kept_in_place)
{
	struct house h;
	struct queue_item *item, *again;
	struct envelope *env;
	struct recipient *r;

	house_open(&h);
	house_publish(&h, &item);
	r = &queue_item_envelope(item)->to[1];
	r->state = RECIPIENT_FAILED;
	r->reported = true;
	r->attempts = 3;
	r->status = SLICE("5.1.1");
	r->detail = SLICE("no such\nuser");
	r->remote = SLICE("mx.example.net");
	cr_assert_eq(queue_item_record(item, r, true), 0);
	queue_item_free(item);
	cr_assert_eq(queue_claim(h.queue, h.env.id, &again), 0);
	env = queue_item_envelope(again);
	cr_assert_eq(env->to[0].state, RECIPIENT_PENDING);
	cr_assert_eq(env->to[1].state, RECIPIENT_FAILED);
	cr_assert_eq(env->to[1].attempts, 3);
	cr_assert(slice_eq(env->to[1].detail, SLICE("no such\nuser")));
	cr_assert(slice_eq(env->to[1].remote, SLICE("mx.example.net")));
	env->to[0].attempts = 77;
	cr_assert_eq(queue_item_refresh(again), 0);
	cr_assert_eq(env->to[0].attempts, 0);
	cr_assert(slice_eq(env->to[1].status, SLICE("5.1.1")));
	queue_item_free(again);
	house_close(&h);
}
