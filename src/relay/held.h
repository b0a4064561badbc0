/* SPDX-License-Identifier: ISC */
/* A claimed message while a run works on it, from its claim to the moment it
 * is settled: gone, or due again. */
#pragma once

#include "relay/run.h"

struct held {
	struct queue_item *item;
	size_t loads; /* who has yet to do with it: workers, and the run while
			 it takes it in */
	int64_t not_before_us; /* the first of the hosts that are down is tried
				  again; 0: none is */
	struct held *next;
	struct held_recipient {
		bool open;  /* was pending when this run began with it */
		bool waits; /* for a host that is down: not tried */
	} to[];
};

/* Owns the item from now on; NULL when out of memory. Begins with one load,
 * the caller's. */
struct held *held_new(struct queue_item *item);

/* Recipient i is not tried before until_us: its host is down. */
void held_put_off(struct held *h, size_t i, int64_t until_us);

/* Everybody is done with it: what is too old is given up, notifications are
 * sent, it is removed or made due again; `count` is added to. Consumes h. 0
 * or -errno: it may then be due still. */
int held_settle(struct held *h, const struct relay *relay,
		struct relay_count *count) MUST_LOOK;

/* Give up the claim and leave all as it is. */
void held_free(struct held *h);
