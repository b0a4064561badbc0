/* SPDX-License-Identifier: ISC */
/* The room's own: what its files share. */
#pragma once

#include "deliver/content.h"
#include "deliver/deliver.h"

struct deliver {
	const struct settings *settings;
	struct store *store;
	struct queue *queue;
	struct route *route;
	struct arena *arena;     /* for one recipient at a time */
	struct slice postmaster; /* an address with its domain */
	char *postmaster_text;
	deliver_arrival *arrival; /* NULL: nobody wants to know */
	void *arrival_context;
};

/* Who handed it in, where that was ourselves: a notification, and one about a
 * notification. No peer from outside is described so. */
#define PARCEL_DSN    SLICE("a delivery status notification of this host")
#define PARCEL_DOUBLE SLICE("a notification about a notification")

/* One message into one mailbox. once: see struct mbox_message. 0 or as
 * mbox_append. */
int parcel_append(struct deliver *d, const struct envelope *env,
		  const struct route_target *target, const struct content *c,
		  struct slice once) MUST_LOOK;

/* Where the message of a queue item lies. */
struct content parcel_of_item(struct queue_item *item);
