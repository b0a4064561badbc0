/* SPDX-License-Identifier: ISC */
/* One process's way to mailboxes and queue. */
#include "deliver/parcel.h"

#define ARENA_CAP (4U << 20)

/* A bare name, as in <postmaster>, is one of ours. */
static int name_postmaster(struct deliver *d)
{
	struct slice name = d->settings->host.postmaster;
	struct slice host = d->settings->host.name;
	int n;

	if (name.n == 0)
		name = SLICE("postmaster");
	if (slice_find(name, '@') < name.n)
		n = asprintf(&d->postmaster_text, "%.*s", SLICE_ARG(name));
	else
		n = asprintf(&d->postmaster_text, "%.*s@%.*s", SLICE_ARG(name),
			     SLICE_ARG(host));
	if (n < 0) {
		d->postmaster_text = NULL;
		return -ENOMEM;
	}
	d->postmaster = (struct slice){ d->postmaster_text, (size_t)n };
	return 0;
}

int deliver_new(const struct settings *settings, struct store *store,
		struct queue *queue, struct route *route, struct deliver **ret)
{
	struct deliver *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->settings = settings;
	d->store = store;
	d->queue = queue;
	d->route = route;
	d->arena = arena_new(ARENA_CAP);
	if (!d->arena || name_postmaster(d) < 0) {
		deliver_free(d);
		return -ENOMEM;
	}
	*ret = d;
	return 0;
}

void deliver_on_arrival(struct deliver *d, deliver_arrival *arrival,
			void *context)
{
	d->arrival = arrival;
	d->arrival_context = context;
}

void deliver_free(struct deliver *d)
{
	if (!d)
		return;
	free(d->postmaster_text);
	arena_free(d->arena);
	free(d);
}
