/* SPDX-License-Identifier: ISC */
/* A message coming in, and the one commit. There are two: the append to the
 * one mailbox it is for, or the publication of one queue file. Whichever is
 * taken, the other's traces are gone before or were never there. */
#include "deliver/parcel.h"

#include "base/clock.h"
#include "deliver/events.h"
#include "deliver/outcome.h"

#define TEXT_MAX  (256U << 10) /* kept in memory */
#define ARENA_CAP (64U << 10)
#define SECOND_US 1000000

struct incoming {
	struct deliver *deliver;
	struct envelope *env;
	struct arena *arena;
	bool direct; /* for one mailbox here: `target` */
	bool keep;   /* also where that is full */
	bool tried;  /* it could not take it now */
	struct route_target target;
	struct buf text;
	struct queue_draft *draft; /* instead of text, once that is full */
	uint64_t length;
	int error; /* the first that a write met */
};

/* Can the append itself be the commit? Not where a success is to be reported:
 * that report has to survive a crash too. */
static bool find_direct(struct incoming *in)
{
	const struct recipient *only = in->env->to;

	return in->env->n_to == 1 && !(only->notify & DSN_SUCCESS) &&
	       route_final(in->deliver->route, only->address, in->arena,
			   &in->target) == ROUTE_FOUND &&
	       in->target.here;
}

int incoming_new(struct deliver *d, struct envelope *env, struct incoming **ret)
{
	struct incoming *in;

	if (env->n_to == 0)
		return -EINVAL;
	in = calloc(1, sizeof(*in));
	if (!in)
		return -ENOMEM;
	in->deliver = d;
	in->env = env;
	in->text = BUF(TEXT_MAX);
	in->arena = arena_new(ARENA_CAP);
	if (!in->arena) {
		incoming_free(in);
		return -ENOMEM;
	}
	in->direct = find_direct(in);
	*ret = in;
	return 0;
}

void incoming_keep(struct incoming *in)
{
	in->keep = true;
}

/* A quota that the file system sets the queue is no mailbox's. */
static int of_queue(int r)
{
	return r == -EDQUOT ? -ENOSPC : r;
}

/* From memory into a draft. */
static int spool(struct incoming *in)
{
	int r = queue_draft_new(in->deliver->queue, in->env, &in->draft);

	if (r == 0 && in->text.n > 0)
		r = queue_draft_write(in->draft, buf_slice(&in->text));
	buf_done(&in->text);
	return of_queue(r);
}

int incoming_write(struct incoming *in, struct slice bytes)
{
	if (in->error < 0)
		return in->error;
	if (!in->draft) {
		in->error = buf_put(&in->text, bytes);
		if (in->error == -EMSGSIZE)
			in->error = spool(in);
	}
	if (in->draft && in->error == 0)
		in->error = of_queue(queue_draft_write(in->draft, bytes));
	in->length += bytes.n;
	return in->error;
}

static struct content content_of(struct incoming *in)
{
	struct content c = { .text = buf_slice(&in->text),
			     .fd = -1,
			     .length = in->length };

	if (in->draft)
		queue_draft_message(in->draft, &c.fd, &c.offset);
	return c;
}

/* ---- the first: into the mailbox ---- */

static bool is_over_quota(int r)
{
	return r == -EDQUOT || r == -E2BIG;
}

/* 1: it could not be done now, and nothing of it is there. */
static int commit_mailbox(struct incoming *in)
{
	struct recipient *to = in->env->to;
	struct content c = content_of(in);
	struct content_address seen = { .address = in->target.address };
	int r = content_loops(&c, &seen, 1);

	if (r == 0 && seen.been) {
		outcome_loop(to);
		event_recipient(&deliver_event_loop, in->env, to);
		return -ELOOP;
	}
	if (r == 0)
		r = parcel_append(in->deliver, in->env, &in->target, &c,
				  SLICE_NONE);
	if (is_over_quota(r) && !in->keep)
		return r;
	if (r == -E2BIG)
		return 1; /* the queue tells the sender so at once */
	if (r < 0) {
		outcome_of_error(to, r);
		to->attempts++;
		in->tried = true;
		return 1;
	}
	outcome_delivered(to);
	event_accepted(in->env, "mailbox");
	event_recipient(&deliver_event_delivered, in->env, to);
	return 0;
}

/* ---- the second: into the queue ---- */

static bool any_here(struct incoming *in)
{
	bool here = false;

	for (size_t i = 0; i < in->env->n_to && !here; i++) {
		struct route_target t;

		here = route_final(in->deliver->route, in->env->to[i].address,
				   in->arena, &t) != ROUTE_FOUND ||
		       t.here;
		arena_reset(in->arena);
	}
	return here;
}

static bool any_elsewhere(struct incoming *in, const struct envelope *env)
{
	bool elsewhere = false;

	for (size_t i = 0; i < env->n_to && !elsewhere; i++) {
		struct route_target t;

		elsewhere = env->to[i].state == RECIPIENT_PENDING &&
			    route_final(in->deliver->route, env->to[i].address,
					in->arena, &t) == ROUTE_FOUND &&
			    !t.here;
		arena_reset(in->arena);
	}
	return elsewhere;
}

/* What the mailbox said is in the queue file, also where that was begun
 * before. */
static int note_attempt(struct incoming *in, struct queue_item *item)
{
	struct recipient *to = queue_item_envelope(item)->to;

	to->attempts = in->env->to->attempts;
	to->status = in->env->to->status;
	to->detail = in->env->to->detail;
	return queue_item_record(item, to, false);
}

/* The message is ours already: trouble here only leaves it in the queue. */
static void work_off(struct incoming *in, struct queue_item *item)
{
	struct deliver *d = in->deliver;
	int64_t now_us = clock_real_us();
	int64_t wait_us = (int64_t)d->settings->queue.retry_min_s * SECOND_US;

	int r = in->tried ? note_attempt(in, item) : deliver_local(d, item);

	if (r < 0) {
		queue_item_free(item);
		return;
	}
	if (any_elsewhere(in, queue_item_envelope(item)))
		queue_item_free(item); /* new/ wakes the retry run */
	else
		ignore(deliver_settle(d, item, now_us, now_us + wait_us));
}

static int commit_queue(struct incoming *in)
{
	struct queue_item *item = NULL;
	struct queue_draft *draft;
	bool here = any_here(in);
	int r = in->draft ? 0 : spool(in);

	if (r < 0)
		return r;
	draft = in->draft;
	in->draft = NULL;
	r = of_queue(queue_draft_publish(draft, in->env->octets,
					 here ? &item : NULL));
	if (r < 0)
		return r;
	event_accepted(in->env, "queue");
	if (in->tried)
		event_recipient(&deliver_event_deferred, in->env, in->env->to);
	if (item)
		work_off(in, item);
	return 0;
}

int incoming_commit(struct incoming *in, uint64_t octets)
{
	int r = in->error;

	in->env->octets = octets;
	if (r == 0)
		r = in->direct ? commit_mailbox(in) : 1;
	if (r > 0)
		r = commit_queue(in);
	incoming_free(in);
	return r;
}

void incoming_free(struct incoming *in)
{
	if (!in)
		return;
	queue_draft_free(in->draft);
	buf_done(&in->text);
	arena_free(in->arena);
	free(in);
}
