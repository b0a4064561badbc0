/* SPDX-License-Identifier: ISC */
/* One destination's mail, sent by one process over connections it reuses. */
#pragma once

#include "relay/run.h"

/* One message, or those of its recipients that go to this next hop. */
struct load {
	struct queue_item *item;
	size_t *which; /* indices into its envelope's recipients */
	size_t n;
	struct load *next;
};

/* Send them all, recording each outcome in its queue file the moment it is
 * known, a success durably before the next message is begun. What cannot be
 * sent is recorded as put off or failed. Called in a process of its own.
 * Number of recipients that got no final outcome. */
size_t worker_send(const struct relay *r, struct slice next_hop,
		   const struct load *loads);
