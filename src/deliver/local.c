/* SPDX-License-Identifier: ISC */
/* Recipients of a queue file who are at home here. A delivery has a name
 * ("queue id:slot") under which the store knows it, until the queue file says
 * durably that it is done: whenever we die, repeating it delivers once. */
#include "deliver/parcel.h"

#include "deliver/events.h"
#include "deliver/outcome.h"

#define ONCE_MAX 64

struct local {
	struct deliver *deliver;
	struct queue_item *item;
	struct envelope *env;
	struct content content;
	bool *been; /* one per recipient, from Delivered-To */
};

static int record_outcome(struct local *l, struct recipient *r)
{
	const struct log_kind *kind = r->state == RECIPIENT_FAILED
					      ? &deliver_event_failed
					      : &deliver_event_deferred;
	int e = queue_item_record(l->item, r, r->state == RECIPIENT_FAILED);

	if (e == 0)
		event_recipient(kind, l->env, r);
	return e;
}

static int record_delivered(struct local *l, struct recipient *r,
			    struct slice mailbox, struct slice once)
{
	int e;

	outcome_delivered(r);
	e = queue_item_record(l->item, r, true);
	if (e < 0) {
		r->state = RECIPIENT_PENDING;
		return e;
	}
	event_recipient(&deliver_event_delivered, l->env, r);
	/* a trace that stays is a few bytes nobody asks for again */
	ignore(mbox_append_forget(l->deliver->store, mailbox, once));
	return 0;
}

static int append(struct local *l, struct recipient *r,
		  const struct route_target *t)
{
	char name[ONCE_MAX];
	struct slice once;
	int e;

	(void)snprintf(name, sizeof(name), "%.*s:%zu", SLICE_ARG(l->env->id),
		       r->slot);
	once = slice_of(name);
	e = parcel_append(l->deliver, l->env, t, &l->content, once);
	if (e == 0)
		return record_delivered(l, r, t->mailbox, once);
	outcome_of_error(r, e);
	return record_outcome(l, r);
}

/* Everybody who is elsewhere is left alone. */
static int deliver_one(struct local *l, size_t i)
{
	struct recipient *r = &l->env->to[i];
	struct arena *arena = l->deliver->arena;
	struct route_target t;
	enum route_outcome found;
	int e = 0;

	arena_reset(arena);
	found = route_final(l->deliver->route, r->address, arena, &t);
	if (found == ROUTE_FOUND && !t.here)
		return 0;
	r->attempts++;
	if (found != ROUTE_FOUND) {
		outcome_of_route(r, found);
		e = record_outcome(l, r);
	} else if (l->been[i]) {
		outcome_loop(r);
		event_recipient(&deliver_event_loop, l->env, r);
		e = record_outcome(l, r);
	} else {
		e = append(l, r, &t);
	}
	return e;
}

/* Which recipients' own Delivered-To line is in the header already? */
static int find_loops(struct local *l)
{
	struct content_address *v = calloc(l->env->n_to, sizeof(*v));
	int r = v ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < l->env->n_to; i++)
		v[i].address = l->env->to[i].address;
	if (r == 0)
		r = content_loops(&l->content, v, l->env->n_to);
	for (size_t i = 0; r == 0 && i < l->env->n_to; i++)
		l->been[i] = v[i].been;
	free(v);
	return r;
}

int deliver_local(struct deliver *d, struct queue_item *item)
{
	struct local l = {
		.deliver = d,
		.item = item,
		.env = queue_item_envelope(item),
		.content = parcel_of_item(item),
	};
	int r;

	l.been = calloc(l.env->n_to, sizeof(*l.been));
	r = l.been ? find_loops(&l) : -ENOMEM;
	for (size_t i = 0; i < l.env->n_to && r == 0; i++)
		if (l.env->to[i].state == RECIPIENT_PENDING)
			r = deliver_one(&l, i);
	free(l.been);
	return r;
}
