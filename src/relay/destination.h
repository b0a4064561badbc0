/* SPDX-License-Identifier: ISC */
/* The destinations of a run: what goes where, and which worker process is at
 * it. One worker at a time for each destination. */
#pragma once

#include "relay/worker.h"

struct destination {
	struct slice next_hop;
	struct load *waiting; /* for the next worker */
	struct load **last;
	struct load *sending; /* the worker's */
	pid_t pid;            /* 0: no worker */
	int pidfd;
	struct destination *next;
};

struct destinations {
	struct destination *first;
	size_t workers;
};

/* The destination of that name, made if need be; NULL: out of memory. */
struct destination *destination_of(struct destinations *d,
				   struct slice next_hop);

/* Recipient `i` of `item` goes there. *ret_new: it is the item's first one
 * there. 0 or -ENOMEM. */
int destination_add(struct destination *d, struct queue_item *item, size_t i,
		    bool *ret_new) MUST_LOOK;

/* Start workers for those that have something waiting and no worker, up to
 * `most` in all. 0 or -errno of fork. */
int destinations_start(struct destinations *d, const struct relay *r,
		       size_t most) MUST_LOOK;

/* Wait at most wait_ms until a worker ends. Its loads, now the caller's
 * (load_free); NULL if none has ended. */
struct load *destinations_wait(struct destinations *d, int wait_ms) MUST_LOOK;

void load_free(struct load *l);
void destinations_done(struct destinations *d);
