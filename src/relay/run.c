/* SPDX-License-Identifier: ISC */
/* See run.h. While workers are busy, what becomes due meanwhile is taken in
 * too: a slow destination holds up nobody else's mail. */
#include "relay/run.h"

#include <sys/random.h>

#include "base/clock.h"
#include "relay/backoff.h"
#include "relay/destination.h"
#include "relay/events.h"

#define OPEN_MAX_ITEMS 200  /* claimed at the same time */
#define LOOK_AGAIN_MS  1000 /* for new mail, while workers are busy */
#define SECOND_US      1000000
#define ARENA_MAX      ((size_t)4 << 20)

/* A claimed message, and how many workers have yet to do with it. */
struct held {
	struct queue_item *item;
	size_t loads;
	int64_t not_before_us; /* of destinations that are down */
	struct held *next;
};

struct run {
	const struct relay *relay;
	struct destinations destinations;
	struct held *held;
	size_t n_held;
	struct arena *arena;
	struct relay_count count;
	bool forced; /* one message by its id: host memory is ignored */
};

/* ---- the end of a message's turn ---- */

static int64_t next_due(struct run *run, const struct held *h, int64_t now)
{
	const struct settings *s = run->relay->settings;
	const struct envelope *env = queue_item_envelope(h->item);
	unsigned attempts = 1;
	uint32_t random = 0;
	int64_t due;

	for (size_t i = 0; i < env->n_to; i++)
		if (env->to[i].state == RECIPIENT_PENDING &&
		    env->to[i].attempts > attempts)
			attempts = env->to[i].attempts;
	/* without randomness all come back at once, no more */
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = 0;
	due = now + backoff_us(attempts, s->queue.retry_min_s,
			       s->queue.retry_max_s, random);
	return due > h->not_before_us ? due : h->not_before_us;
}

static void expire(struct run *run, struct held *h, int64_t now)
{
	const struct settings *s = run->relay->settings;
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
		relay_log_recipient(&relay_event_expired, env, r);
		if (error < 0)
			relay_log_trouble(env, error);
	}
}

static void add_up(struct run *run, const struct envelope *env)
{
	for (size_t i = 0; i < env->n_to; i++)
		switch (env->to[i].state) {
		case RECIPIENT_PENDING:
			run->count.deferred++;
			break;
		case RECIPIENT_DELIVERED:
			run->count.delivered++;
			break;
		case RECIPIENT_RELAYED:
			run->count.relayed++;
			break;
		case RECIPIENT_FAILED:
			run->count.failed++;
			break;
		case RECIPIENT_EXPANDED:
			break;
		}
}

static void settle(struct run *run, struct held *h)
{
	int64_t now = clock_real_us();
	struct envelope *env = queue_item_envelope(h->item);
	int r = queue_item_refresh(h->item);

	if (r == 0) {
		expire(run, h, now);
		add_up(run, env);
		r = deliver_settle(run->relay->deliver, h->item, now,
				   next_due(run, h, now));
		if (r < 0)
			relay_log_trouble(&(struct envelope){ 0 }, r);
	} else {
		relay_log_trouble(env, r);
		queue_item_free(h->item);
	}
	run->n_held--;
	free(h);
}

/* One worker less has to do with this message. */
static void let_go(struct run *run, const struct queue_item *item)
{
	for (struct held **at = &run->held; *at; at = &(*at)->next) {
		struct held *h = *at;

		if (h->item != item)
			continue;
		if (--h->loads == 0) {
			*at = h->next;
			settle(run, h);
		}
		return;
	}
}

/* ---- taking in ---- */

static void defer(struct run *run, struct held *h, struct recipient *r,
		  const char *status, const char *text)
{
	int error;

	(void)run;
	r->attempts++;
	r->status = slice_of(status);
	r->detail = slice_of(text);
	error = queue_item_record(h->item, r, false);
	relay_log_recipient(&relay_event_deferred, queue_item_envelope(h->item),
			    r);
	if (error < 0)
		relay_log_trouble(queue_item_envelope(h->item), error);
}

/* Where it goes; SLICE_NONE for one that is at home here: deliver_local has
 * had its turn. */
static struct slice domain_of(struct run *run, const struct recipient *r)
{
	struct addr a;

	if (addr_parse(r->address, true, run->arena, &a) != ADDR_OK ||
	    route_is_local(run->relay->route, &a))
		return SLICE_NONE;
	return a.ascii;
}

static bool is_down(struct run *run, struct held *h, struct slice next_hop)
{
	struct queue_host memory;

	if (run->forced)
		return false;
	queue_host_get(run->relay->queue, next_hop, &memory);
	if (memory.failures == 0 || memory.not_before_us <= clock_real_us())
		return false;
	if (h->not_before_us == 0 || memory.not_before_us < h->not_before_us)
		h->not_before_us = memory.not_before_us;
	return true;
}

static int send_off(struct run *run, struct held *h, size_t i)
{
	struct recipient *r = &queue_item_envelope(h->item)->to[i];
	struct slice domain, next_hop;
	struct destination *d;
	bool is_new = false;
	int error;

	arena_reset(run->arena);
	domain = domain_of(run, r);
	if (!domain.p)
		return 0;
	if (route_next_hop(run->relay->route, domain, run->arena, &next_hop) !=
	    ROUTE_FOUND) {
		defer(run, h, r, "4.3.5", "no usable route for its domain");
		return 0;
	}
	if (is_down(run, h, next_hop))
		return 0;
	d = destination_of(&run->destinations, next_hop);
	if (!d)
		return -ENOMEM;
	error = destination_add(d, h->item, i, &is_new);
	if (error == 0 && is_new)
		h->loads++;
	return error;
}

/* Its own recipients first, then to the destinations. What is not with a
 * worker now is settled at once. */
static void take_in(struct run *run, struct queue_item *item)
{
	struct held *h = calloc(1, sizeof(*h));
	struct envelope *env = queue_item_envelope(item);
	int r;

	if (!h) {
		queue_item_free(item);
		return;
	}
	h->item = item;
	h->loads = 1; /* ours */
	h->next = run->held;
	run->held = h;
	run->n_held++;
	run->count.claimed++;
	r = deliver_local(run->relay->deliver, item);
	for (size_t i = 0; i < env->n_to && r == 0; i++)
		if (env->to[i].state == RECIPIENT_PENDING)
			r = send_off(run, h, i);
	if (r < 0)
		relay_log_trouble(env, r);
	let_go(run, item);
}

static int take_in_due(struct run *run)
{
	struct queue_item **items = NULL;
	size_t n = 0;
	int r = 0;

	if (run->n_held < OPEN_MAX_ITEMS)
		r = queue_claim_due(run->relay->queue, clock_real_us(),
				    OPEN_MAX_ITEMS - run->n_held, &items, &n);
	for (size_t i = 0; i < n; i++)
		take_in(run, items[i]);
	free(items);
	return r;
}

/* ---- the run ---- */

static int start_and_wait(struct run *run)
{
	struct load *done = NULL;
	int r = destinations_start(&run->destinations, run->relay,
				   run->relay->settings->relay.workers);

	/* no process to be had: those that run will end and make room */
	if (r < 0 && run->destinations.workers == 0)
		return r;
	r = destinations_wait(&run->destinations, LOOK_AGAIN_MS, &done);
	for (const struct load *l = done; l; l = l->next)
		let_go(run, l->item);
	load_free(done);
	return r;
}

static int work(struct run *run)
{
	int r = 0;

	do {
		size_t before = run->count.claimed;

		if (!run->forced)
			r = take_in_due(run);
		if (r == 0 && run->held)
			r = start_and_wait(run);
		if (!run->held && run->count.claimed == before)
			break;
	} while (r == 0);
	return r;
}

static int take_in_one(struct run *run, struct slice id)
{
	struct queue_item *item = NULL;
	int r = queue_claim(run->relay->queue, id, &item);

	if (r == 0)
		take_in(run, item);
	return r;
}

/* Ours to the end: what workers still have stays claimed by them. */
static void let_all_go(struct run *run)
{
	while (run->held) {
		struct held *h = run->held;

		run->held = h->next;
		queue_item_free(h->item);
		free(h);
	}
	destinations_done(&run->destinations);
	arena_free(run->arena);
}

int relay_run(const struct relay *relay, struct slice only,
	      struct relay_count *ret_count)
{
	struct run run = { .relay = relay, .forced = only.n > 0 };
	int r = 0;

	run.arena = arena_new(ARENA_MAX);
	if (!run.arena)
		return -ENOMEM;
	if (run.forced)
		r = take_in_one(&run, only);
	else
		/* what the dead left does no harm if it stays */
		ignore(queue_sweep(relay->queue, clock_real_us()));
	if (r == 0)
		r = work(&run);
	let_all_go(&run);
	if (ret_count)
		*ret_count = run.count;
	return r;
}
