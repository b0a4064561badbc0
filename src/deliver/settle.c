/* SPDX-License-Identifier: ISC */
/* Nothing more to try now: tell the sender what he is owed, then let the item
 * wait, or go. A notification is a message like any other, with a null sender;
 * only when its own commit is done is the recipient marked, so that a crash
 * between the two may tell twice but never not at all. */
#include "deliver/parcel.h"

#include "base/clock.h"
#include "base/ident.h"
#include "deliver/dsn.h"
#include "deliver/events.h"

#define SECOND_US 1000000
#define FULL_MAX  (256U << 10)
#define ARENA_CAP (4U << 20)

struct settle {
	struct deliver *deliver;
	struct queue_item *item;
	struct envelope *env;
	int64_t now_us;
	struct arena *arena;
	bool *about;
	enum dsn_action action;
};

/* ---- one notification ---- */

/* Octets as they go over the wire. */
struct counted {
	struct incoming *in;
	uint64_t octets;
};

static int write_counted(void *context, struct slice bytes)
{
	struct counted *c = context;

	c->octets += bytes.n;
	for (size_t at = slice_find(bytes, '\n'); at < bytes.n;
	     at += 1 + slice_find(slice_from(bytes, at + 1), '\n'))
		c->octets++;
	return incoming_write(c->in, bytes);
}

static int add_targets(struct envelope *out, const struct route_target *t,
		       size_t n, struct arena *arena)
{
	for (size_t i = 0; i < n; i++) {
		struct recipient *r = envelope_add(out, arena);

		if (!r)
			return -ENOMEM;
		r->address = t[i].address;
		r->final = true;
	}
	return 0;
}

/* Who is to read it. -ENOENT: nobody ever will; -EAGAIN: cannot be known
 * now. */
static int find_reader(struct settle *s, struct slice to, struct envelope *out)
{
	struct route_target *targets = NULL;
	struct slice line;
	struct addr address;
	size_t n = 0;
	bool alias;

	if (addr_parse(to, true, s->arena, &address) != ADDR_OK)
		return -ENOENT;
	switch (route_expand(s->deliver->route, &address, s->arena, &targets,
			     &n, &alias, &line)) {
	case ROUTE_FOUND:
		break;
	case ROUTE_NO_USER:
	case ROUTE_LOOP:
		return -ENOENT;
	case ROUTE_TOO_MANY:
	case ROUTE_BROKEN:
	case ROUTE_AGAIN:
		return -EAGAIN;
	}
	return n > 0 ? add_targets(out, targets, n, s->arena) : -ENOENT;
}

static struct dsn describe(struct settle *s, struct slice to)
{
	const struct settings *set = s->deliver->settings;
	struct content c = parcel_of_item(s->item);

	return (struct dsn){
		.env = s->env,
		.about = s->about,
		.action = s->action,
		.host = set->host.name,
		.postmaster = s->deliver->postmaster,
		.to = to,
		.now_us = s->now_us,
		.expire_us = s->env->arrived_us +
			     (int64_t)set->queue.expire_s * SECOND_US,
		.fd = c.fd,
		.offset = c.offset,
		.length = c.length,
		.full_max = FULL_MAX,
	};
}

static int commit_dsn(struct settle *s, const struct dsn *dsn,
		      struct envelope *out)
{
	struct counted c = { .octets = 0 };
	int r = dsn_needs(dsn, &out->eight_bit, &out->smtputf8);

	if (r == 0)
		r = incoming_new(s->deliver, out, &c.in);
	if (r < 0)
		return r;
	incoming_keep(c.in);
	r = dsn_write(dsn, write_counted, &c);
	if (r < 0) {
		incoming_free(c.in);
		return r;
	}
	return incoming_commit(c.in, c.octets);
}

static int send_to(struct settle *s, struct slice to, struct slice peer)
{
	struct dsn dsn = describe(s, to);
	struct envelope out = { .arrived_us = s->now_us,
				.peer = peer,
				.requiretls = s->env->requiretls };
	char id[IDENT_MAX];
	int r;

	arena_reset(s->arena);
	ident_new(id);
	out.id = slice_of(id);
	r = find_reader(s, to, &out);
	if (r == 0)
		r = commit_dsn(s, &dsn, &out);
	if (r == 0)
		event_dsn(&deliver_event_dsn, s->env, to,
			  dsn_action_text(s->action));
	return r;
}

/* ---- to whom ---- */

static int drop(struct settle *s, const char *why)
{
	event_dsn(&deliver_event_dropped, s->env, s->env->from, why);
	return 0;
}

/* The sender cannot be told that it failed: the postmaster is, but never
 * about a message that only told the postmaster so. */
static int tell_postmaster(struct settle *s)
{
	int r = send_to(s, s->deliver->postmaster, PARCEL_DOUBLE);

	if (r == -ENOENT || r == -ELOOP)
		return drop(s, "the postmaster has no mailbox");
	return r;
}

/* RFC 5321 §6.1: a null sender is told nothing. What we ourselves sent so is
 * the postmaster's business. */
static int answer_null_sender(struct settle *s)
{
	if (s->action == DSN_FAILED && slice_eq(s->env->peer, PARCEL_DSN))
		return tell_postmaster(s);
	return s->action == DSN_FAILED ? drop(s, "null sender") : 0;
}

static int answer(struct settle *s)
{
	int r;

	if (s->env->from.n == 0)
		return answer_null_sender(s);
	r = send_to(s, s->env->from, PARCEL_DSN);
	if (r != -ENOENT && r != -ELOOP)
		return r;
	return s->action == DSN_FAILED ? tell_postmaster(s)
				       : drop(s, "no such sender");
}

static int mark(struct settle *s)
{
	int first = 0;

	for (size_t i = 0; i < s->env->n_to; i++) {
		struct recipient *r = &s->env->to[i];
		int e;

		if (!s->about[i])
			continue;
		if (s->action == DSN_DELAYED)
			r->warned = true;
		else
			r->reported = true;
		e = queue_item_record(s->item, r, true);
		if (first == 0)
			first = e;
	}
	return first;
}

/* ---- in order ---- */

static bool is_late(const struct settle *s)
{
	uint64_t warn_s = s->deliver->settings->queue.warn_s;

	return warn_s > 0 &&
	       s->now_us - s->env->arrived_us >= (int64_t)warn_s * SECOND_US;
}

static int report(struct settle *s, enum dsn_action action)
{
	int r;

	s->action = action;
	if (action == DSN_DELAYED && !is_late(s))
		return 0;
	if (dsn_owed(s->env, action, s->about) == 0)
		return 0;
	r = answer(s);
	return r < 0 ? r : mark(s);
}

static int report_all(struct settle *s)
{
	int r;

	s->about = calloc(s->env->n_to, sizeof(*s->about));
	s->arena = arena_new(ARENA_CAP);
	r = s->about && s->arena ? 0 : -ENOMEM;
	if (r == 0)
		r = report(s, DSN_FAILED);
	if (r == 0)
		r = report(s, DSN_DELIVERED);
	if (r == 0)
		r = report(s, DSN_DELAYED);
	arena_free(s->arena);
	free(s->about);
	return r;
}

int deliver_settle(struct deliver *d, struct queue_item *item, int64_t now_us,
		   int64_t due_us)
{
	struct settle s = {
		.deliver = d,
		.item = item,
		.env = queue_item_envelope(item),
		.now_us = now_us,
	};
	int64_t soon_us =
		now_us + (int64_t)d->settings->queue.retry_min_s * SECOND_US;
	int owed = report_all(&s);

	if (owed == 0 && envelope_pending(s.env) == 0)
		return queue_item_remove(item);
	/* what is owed and could not be sent is tried again */
	if (due_us <= now_us)
		due_us = soon_us;
	return queue_item_later(item, due_us);
}
