/* SPDX-License-Identifier: ISC */
/* See held.h. */
#include "relay/held.h"

#include "base/clock.h"
#include "base/ident.h"
#include "relay/backoff.h"
#include "relay/events.h"

#define SECOND_US 1000000

struct held *held_new(struct queue_item *item)
{
	const struct envelope *env = queue_item_envelope(item);
	struct held *h = calloc(1, sizeof(*h) + env->n_to * sizeof(h->to[0]));

	if (!h)
		return NULL;
	h->item = item;
	h->loads = 1;
	for (size_t i = 0; i < env->n_to; i++)
		h->to[i].open = env->to[i].state == RECIPIENT_PENDING;
	return h;
}

void held_free(struct held *h)
{
	queue_item_free(h->item);
	free(h);
}

void held_put_off(struct held *h, size_t i, int64_t until_us)
{
	h->to[i].waits = true;
	if (h->not_before_us == 0 || until_us < h->not_before_us)
		h->not_before_us = until_us;
}

/* Who was tried comes back after a pause of his own; who waits for a host
 * comes back with it. The earlier of the two. */
static int64_t next_due(const struct held *h, const struct settings *s,
			int64_t now)
{
	const struct envelope *env = queue_item_envelope(h->item);
	unsigned attempts = 1;
	bool tried = false;
	int64_t due = h->not_before_us;

	for (size_t i = 0; i < env->n_to; i++) {
		if (env->to[i].state != RECIPIENT_PENDING || h->to[i].waits)
			continue;
		tried = true;
		if (env->to[i].attempts > attempts)
			attempts = env->to[i].attempts;
	}
	if (tried || due == 0) {
		int64_t own = now + backoff_us(attempts, s->queue.retry_min_s,
					       s->queue.retry_max_s,
					       backoff_random());

		due = due == 0 || own < due ? own : due;
	}
	/* the file's name says whole seconds, and not before */
	return due + SECOND_US - 1;
}

static void expire(struct held *h, const struct settings *s, int64_t now)
{
	struct envelope *env = queue_item_envelope(h->item);

	if (now - env->arrived_us < (int64_t)s->queue.expire_s * SECOND_US)
		return;
	for (size_t i = 0; i < env->n_to; i++) {
		struct recipient *r = &env->to[i];
		int error;

		if (r->state != RECIPIENT_PENDING)
			continue;
		r->state = RECIPIENT_FAILED;
		r->status = SLICE("4.4.7");
		error = queue_item_record(h->item, r, true);
		relay_log_recipient(&relay_event_expired, env, r, SLICE_NONE);
		if (error < 0)
			relay_log_trouble(env->id, error);
	}
}

/* What this run did, not what earlier ones had done. */
static void add_up(const struct held *h, struct relay_count *count)
{
	const struct envelope *env = queue_item_envelope(h->item);

	for (size_t i = 0; i < env->n_to; i++) {
		if (!h->to[i].open)
			continue;
		switch (env->to[i].state) {
		case RECIPIENT_PENDING:
			count->deferred++;
			break;
		case RECIPIENT_DELIVERED:
			count->delivered++;
			break;
		case RECIPIENT_RELAYED:
			count->relayed++;
			break;
		case RECIPIENT_FAILED:
			count->failed++;
			break;
		case RECIPIENT_EXPANDED:
			break;
		}
	}
}

static int settle(struct held *h, const struct relay *relay,
		  struct relay_count *count)
{
	int64_t now = clock_real_us();
	struct queue_item *item = h->item;
	int64_t due;
	int r = queue_item_refresh(item);

	if (r < 0)
		return r;
	expire(h, relay->settings, now);
	add_up(h, count);
	due = next_due(h, relay->settings, now);
	h->item = NULL;
	return deliver_settle(relay->deliver, item, now, due);
}

int held_settle(struct held *h, const struct relay *relay,
		struct relay_count *count)
{
	const struct envelope *env = queue_item_envelope(h->item);
	char id[IDENT_MAX]; /* outlives the item */
	int r;

	(void)snprintf(id, sizeof(id), "%.*s", SLICE_ARG(env->id));
	r = settle(h, relay, count);
	if (r < 0)
		relay_log_trouble(slice_of(id), r);
	held_free(h);
	return r;
}
