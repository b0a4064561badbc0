/* SPDX-License-Identifier: ISC */
/* One retry run: what is due is claimed, grouped by next hop, each
 * destination given to one worker process that reuses its connections;
 * outcomes are recorded per recipient in the queue file by whoever learnt
 * them; DSNs are sent; what remains is made due again. */
#pragma once

#include "deliver/deliver.h"

struct relay {
	const struct settings *settings;
	struct queue *queue;
	struct deliver *deliver;
	struct route *route;
	struct dns *dns;
	/* Called in each worker before it does anything; NULL: not. 0, or the
	 * worker ends. */
	int (*fence)(const struct settings *settings);
};

struct relay_count {
	size_t claimed, delivered, relayed, failed, deferred; /* recipients but
								 for claimed */
};

/* Until nothing is due. only: one queue id to work off now, whenever due, or
 * SLICE_NONE. *ret_count may be NULL. 0 or -errno. */
int relay_run(const struct relay *r, struct slice only,
	      struct relay_count *ret_count) MUST_LOOK;
