/* SPDX-License-Identifier: ISC */
/* See destination.h. */
#include "relay/destination.h"

#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "relay/events.h"

static struct destination *new_destination(struct destinations *d,
					   struct slice next_hop)
{
	struct destination *one = calloc(1, sizeof(*one));
	char *name = strndup(next_hop.p, next_hop.n);

	if (!one || !name) {
		free(one);
		free(name);
		return NULL;
	}
	one->next_hop = (struct slice){ name, next_hop.n };
	one->last = &one->waiting;
	one->pidfd = -1;
	one->next = d->first;
	d->first = one;
	return one;
}

struct destination *destination_of(struct destinations *d,
				   struct slice next_hop)
{
	for (struct destination *i = d->first; i; i = i->next)
		if (slice_eq(i->next_hop, next_hop))
			return i;
	return new_destination(d, next_hop);
}

static struct load *new_load(struct destination *d, struct queue_item *item)
{
	size_t most = queue_item_envelope(item)->n_to;
	struct load *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->item = item;
	l->which = calloc(most, sizeof(*l->which));
	if (!l->which) {
		free(l);
		return NULL;
	}
	*d->last = l;
	d->last = &l->next;
	return l;
}

/* The item's own load is the last one, if there is one: recipients come item
 * by item. */
static struct load *load_of(struct destination *d, struct queue_item *item)
{
	struct load *l = d->waiting;

	while (l && l->next)
		l = l->next;
	return l && l->item == item ? l : NULL;
}

int destination_add(struct destination *d, struct queue_item *item, size_t i,
		    bool *ret_new)
{
	struct load *l = load_of(d, item);

	*ret_new = !l;
	if (!l)
		l = new_load(d, item);
	if (!l)
		return -ENOMEM;
	l->which[l->n++] = i;
	return 0;
}

void load_free(struct load *l)
{
	while (l) {
		struct load *next = l->next;

		free(l->which);
		free(l);
		l = next;
	}
}

static bool has(const struct load *l, const struct queue_item *item)
{
	while (l && l->item != item)
		l = l->next;
	return l;
}

/* A worker sees no mail but its own. */
static void hide(const struct load *all, const struct load *own)
{
	for (const struct load *l = all; l; l = l->next)
		if (!has(own, l->item))
			queue_item_hide(l->item);
}

static _Noreturn void work(const struct destinations *all,
			   const struct destination *d, const struct relay *r)
{
	for (const struct destination *i = all->first; i; i = i->next) {
		hide(i->waiting, d->waiting);
		hide(i->sending, d->waiting);
	}
	/* nothing of the parent's is flushed or freed here */
	_exit((r->fence && r->fence(r->settings) < 0) ||
	      worker_send(r, d->next_hop, d->waiting) > 0);
}

static int start(const struct destinations *all, struct destination *d,
		 const struct relay *r)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		work(all, d, r);
	d->pid = pid;
	d->pidfd = pidfd_open(pid, 0);
	d->sending = d->waiting;
	d->waiting = NULL;
	d->last = &d->waiting;
	return 0;
}

int destinations_start(struct destinations *d, const struct relay *r,
		       size_t most)
{
	for (struct destination *i = d->first; i; i = i->next) {
		int error;

		if (d->workers >= most)
			break;
		if (i->pid > 0 || !i->waiting)
			continue;
		error = start(d, i, r);
		if (error < 0)
			return error;
		d->workers++;
	}
	return 0;
}

/* The one whose worker has ended, reaped; NULL if none. */
static struct destination *reap(struct destinations *d)
{
	for (struct destination *i = d->first; i; i = i->next) {
		int status = 0;

		if (i->pid == 0 || waitpid(i->pid, &status, WNOHANG) != i->pid)
			continue;
		if (WIFSIGNALED(status))
			relay_log_worker_died(i->next_hop);
		if (i->pidfd >= 0)
			(void)close(i->pidfd); /* only waited on */
		i->pid = 0;
		i->pidfd = -1;
		d->workers--;
		return i;
	}
	return NULL;
}

static nfds_t gather(const struct destinations *d, struct pollfd *p)
{
	nfds_t n = 0;

	for (const struct destination *i = d->first; i; i = i->next)
		if (i->pid > 0 && i->pidfd >= 0)
			p[n++] = (struct pollfd){ .fd = i->pidfd,
						  .events = POLLIN };
	return n;
}

/* Whatever goes wrong here, what remains is a pause. */
static void wait_for_any(const struct destinations *d, int wait_ms)
{
	struct pollfd *p = calloc(d->workers, sizeof(*p));
	nfds_t n = p ? gather(d, p) : 0;

	(void)poll(p, n, wait_ms); /* reaping tells who has ended */
	free(p);
}

struct load *destinations_wait(struct destinations *d, int wait_ms)
{
	struct destination *ended = reap(d);
	struct load *done;

	if (!ended && d->workers > 0) {
		wait_for_any(d, wait_ms);
		ended = reap(d);
	}
	if (!ended)
		return NULL;
	done = ended->sending;
	ended->sending = NULL;
	return done;
}

void destinations_done(struct destinations *d)
{
	while (d->first) {
		struct destination *one = d->first;

		d->first = one->next;
		load_free(one->waiting);
		load_free(one->sending);
		free((char *)one->next_hop.p);
		free(one);
	}
}
