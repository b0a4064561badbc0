/* SPDX-License-Identifier: ISC */
/* The one commit. A message has exactly one durable step that makes it ours:
 * the append to its one mailbox, or the publication of one queue file with
 * all its recipients. Before that step nothing of it exists; after it, it
 * cannot be lost. */
#pragma once

#include "queue/queue.h"
#include "route/route.h"
#include "store/mbox.h"

struct deliver; /* store, queue and route of one process */

/* Borrows all three. host: our name, for DSNs. */
int deliver_new(const struct settings *settings, struct store *store,
		struct queue *queue, struct route *route,
		struct deliver **ret) MUST_LOOK;
void deliver_free(struct deliver *d);

/* Call `arrival` with each message that reaches a mailbox, once it is durable:
 * the mailbox, and where the message begins in it. It must not wait. */
typedef void deliver_arrival(void *context, struct slice mailbox, uint64_t at);
void deliver_on_arrival(struct deliver *d, deliver_arrival *arrival,
			void *context);

/* ---- a message coming in ---- */

struct incoming;

/* The envelope is complete (id, arrival, from, all recipients as final
 * targets); it must stay until commit. Small messages stay in memory; larger
 * ones are spooled into a queue draft. */
int incoming_new(struct deliver *d, struct envelope *env,
		 struct incoming **ret) MUST_LOOK;

/* There is nobody to refuse it to: where its one mailbox is full, it is to
 * wait in the queue. */
void incoming_keep(struct incoming *in);

/* The message's bytes: LF lines. -ENOSPC, -EFBIG, -EIO, …: the caller goes on
 * reading the peer's data and answers at its end. */
int incoming_write(struct incoming *in, struct slice bytes) MUST_LOOK;

/* The commit, and nothing else is one. 0: durable, say 250. On failure
 * nothing of the message stays. -ELOOP: it has been in that mailbox before
 * (Delivered-To); -EDQUOT: its one mailbox is full; -E2BIG: it is larger than
 * that may be (both not after incoming_keep). Consumes `in` either way. octets
 * as in struct envelope. */
int incoming_commit(struct incoming *in, uint64_t octets) MUST_LOOK;

void incoming_free(struct incoming *in);

/* ---- working off ---- */

/* Try to deliver every pending recipient of the item that is at home here;
 * outcomes are recorded in the item, each delivery happens once however often
 * this is repeated after crashes. 0 or -errno of recording. */
int deliver_local(struct deliver *d, struct queue_item *item) MUST_LOOK;

/* Nothing more to try now: send the DSNs that are owed (failure, delay,
 * success), mark them, then either remove the item or make it due again at
 * due_us. Consumes the item. */
int deliver_settle(struct deliver *d, struct queue_item *item, int64_t now_us,
		   int64_t due_us) MUST_LOOK;
