/* SPDX-License-Identifier: ISC */
/* See run.h. While workers are busy, what becomes due meanwhile is taken in
 * too: a slow destination holds up nobody else's mail. */
#include "relay/run.h"

#include <assert.h>
#include <poll.h>

#include "base/clock.h"
#include "relay/destination.h"
#include "relay/events.h"
#include "relay/held.h"

#define HELD_MAX      200  /* claimed at the same time */
#define LOOK_AGAIN_MS 1000 /* for new mail, while workers are busy */
#define ARENA_MAX     ((size_t)4 << 20)
/* how long to wait for others to be done with what they hold in new/ */
#define NEW_WAIT_MS   150
#define NEW_WAITS_MAX 100

struct run {
	const struct relay *relay;
	struct destinations destinations;
	struct held *held;
	size_t n_held;
	struct arena *arena; /* for one recipient at a time */
	struct relay_count count;
	bool forced; /* one message by its id: host memory is ignored */
	int trouble; /* the first; from then on nothing more is taken in */
	int64_t looked_ms;
	unsigned new_waits; /* since the last claim */
};

static void note_trouble(struct run *run, int r)
{
	if (r < 0 && run->trouble == 0)
		run->trouble = r;
}

/* One less has to do with this message. */
static void let_go(struct run *run, const struct queue_item *item)
{
	struct held **at = &run->held;
	struct held *h;

	while (*at && (*at)->item != item)
		at = &(*at)->next;
	h = *at;
	if (!h || --h->loads > 0)
		return;
	*at = h->next;
	run->n_held--;
	/* it may be due still: claiming it over and over would hammer at its
	 * hosts */
	note_trouble(run, held_settle(h, run->relay, &run->count));
}

/* ---- taking in ---- */

static void no_route(struct held *h, struct recipient *r)
{
	const struct envelope *env = queue_item_envelope(h->item);
	int error;

	r->attempts++;
	r->status = SLICE("4.3.5");
	r->detail = SLICE("no usable route for its domain");
	error = queue_item_record(h->item, r, false);
	relay_log_recipient(&relay_event_deferred, env, r, SLICE_NONE);
	if (error < 0)
		relay_log_trouble(env->id, error);
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

/* Until when, if this next hop is down. */
static bool is_down(struct run *run, struct slice next_hop, int64_t *ret_us)
{
	struct queue_host memory;

	if (run->forced)
		return false;
	queue_host_get(run->relay->queue, next_hop, &memory);
	if (memory.failures == 0 || memory.not_before_us <= clock_real_us())
		return false;
	*ret_us = memory.not_before_us;
	return true;
}

static int send_off(struct run *run, struct held *h, size_t i)
{
	struct recipient *r = &queue_item_envelope(h->item)->to[i];
	struct slice domain, next_hop;
	struct destination *d;
	bool is_new = false;
	int64_t until_us;
	int error;

	arena_reset(run->arena);
	domain = domain_of(run, r);
	if (!domain.p)
		return 0;
	if (route_next_hop(run->relay->route, domain, run->arena, &next_hop) !=
	    ROUTE_FOUND) {
		no_route(h, r);
		return 0;
	}
	if (is_down(run, next_hop, &until_us)) {
		held_put_off(h, i, until_us);
		return 0;
	}
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
	struct held *h = held_new(item);
	struct envelope *env = queue_item_envelope(item);
	int r;

	if (!h) {
		queue_item_free(item);
		note_trouble(run, -ENOMEM);
		return;
	}
	h->next = run->held;
	run->held = h;
	run->n_held++;
	run->count.claimed++;
	r = deliver_local(run->relay->deliver, item);
	for (size_t i = 0; i < env->n_to && r == 0; i++)
		if (env->to[i].state == RECIPIENT_PENDING)
			r = send_off(run, h, i);
	if (r < 0)
		relay_log_trouble(env->id, r);
	let_go(run, item);
}

/* A pass opens all that is due, also what is held by us. */
static bool may_look(struct run *run)
{
	int64_t now_ms = clock_mono_ms();

	if (run->forced || run->trouble < 0 || run->n_held >= HELD_MAX ||
	    (run->held && now_ms - run->looked_ms < LOOK_AGAIN_MS))
		return false;
	run->looked_ms = now_ms;
	return true;
}

/* Number of messages. */
static size_t take_in_due(struct run *run)
{
	struct queue_item **items = NULL;
	size_t n = 0;

	if (!may_look(run))
		return 0;
	note_trouble(run, queue_claim_due(run->relay->queue, clock_real_us(),
					  HELD_MAX - run->n_held, &items, &n));
	for (size_t i = 0; i < n; i++)
		take_in(run, items[i]);
	free(items);
	if (n > 0)
		run->new_waits = 0;
	return n;
}

/* ---- the run ---- */

static int start_and_wait(struct run *run)
{
	struct load *done;
	int r = destinations_start(&run->destinations, run->relay,
				   run->relay->settings->relay.workers);

	/* no process to be had: those that run will end and make room */
	if (r < 0 && run->destinations.workers == 0)
		return r;
	done = destinations_wait(&run->destinations, LOOK_AGAIN_MS);
	for (const struct load *l = done; l; l = l->next)
		let_go(run, l->item);
	load_free(done);
	return 0;
}

/* Who has just put something into new/ may hold it while he serves mailboxes.
 * As long as it lies there the path unit starts one run after the other, up
 * to systemd's limit: so this one waits for it. */
static bool wait_for_new(struct run *run)
{
	bool left = false;

	if (run->forced || run->trouble < 0 || run->new_waits >= NEW_WAITS_MAX)
		return false;
	note_trouble(run, queue_new_left(run->relay->queue, &left));
	if (!left)
		return false;
	run->new_waits++;
	(void)poll(NULL, 0, NEW_WAIT_MS); /* if cut short, no harm */
	return true;
}

static int work(struct run *run)
{
	for (;;) {
		size_t n = take_in_due(run);
		int r = 0;

		if (run->held)
			r = start_and_wait(run);
		else if (n == 0 && !wait_for_new(run))
			return run->trouble;
		if (r < 0)
			return r;
	}
}

static int take_in_one(struct run *run, struct slice id)
{
	struct queue_item *item = NULL;
	int r = queue_claim(run->relay->queue, id, &item);

	if (r == 0)
		take_in(run, item);
	return r;
}

/* What is held still is due still. Where a worker is at it, giving up the claim
 * would have it sent twice. */
static void let_all_go(struct run *run)
{
	assert(run->destinations.workers == 0);
	while (run->held) {
		struct held *h = run->held;

		run->held = h->next;
		held_free(h);
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
