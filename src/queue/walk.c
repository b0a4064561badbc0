/* SPDX-License-Identifier: ISC */
/* Looking at the queue without touching it: listings, and when the next one is
 * due. */
#include "queue/item.h"

#include <fcntl.h>

#include "base/ident.h"

/* Asked, not tried: a lock of ours, however short, would keep a run away. */
static bool is_claimed(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

struct walk {
	struct queue *queue;
	queue_each *each;
	void *context;
};

/* What has gone meanwhile, or is bad, is no part of a listing. */
static int visit(struct walk *w, const char *path, int64_t due_us)
{
	int fd = file_open(w->queue->root, path, O_RDONLY);
	struct queue_item *item;
	int r;

	if (fd < 0)
		return fd == -ENOENT || item_is_bad(fd) ? 0 : fd;
	r = item_load(w->queue, fd, path, &item);
	if (r < 0)
		return item_is_bad(r) ? 0 : r;
	r = w->each(w->context, item, due_us, is_claimed(item->fd));
	queue_item_free(item);
	return r;
}

static int walk_new(struct walk *w)
{
	char path[2 * SPOOL_PATH_MAX];
	struct spool_names names;
	int r = spool_list(w->queue, "new", &names);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		(void)snprintf(path, sizeof(path), "new/%s", names.v[i]);
		if (ident_valid(slice_of(names.v[i])))
			r = visit(w, path, 0);
	}
	spool_names_done(&names);
	return r;
}

static int walk_bucket(struct walk *w, const char *bucket)
{
	char path[3 * SPOOL_PATH_MAX];
	struct spool_names names;
	struct slice id;
	int64_t due_us;
	int r;

	(void)snprintf(path, sizeof(path), "due/%s", bucket);
	r = spool_list(w->queue, path, &names);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		(void)snprintf(path, sizeof(path), "due/%s/%s", bucket,
			       names.v[i]);
		if (spool_due_name(names.v[i], &due_us, &id))
			r = visit(w, path, due_us);
	}
	spool_names_done(&names);
	return r;
}

int queue_walk(struct queue *q, queue_each *each, void *context)
{
	struct walk w = { q, each, context };
	struct spool_names buckets;
	int r = walk_new(&w);

	if (r != 0)
		return r;
	r = spool_list(q, "due", &buckets);
	for (size_t i = 0; r == 0 && i < buckets.n; i++)
		r = walk_bucket(&w, buckets.v[i]);
	spool_names_done(&buckets);
	return r;
}

int queue_bad(struct queue *q, size_t *ret)
{
	struct spool_names names;
	int r = spool_list(q, "bad", &names);

	if (r == 0)
		*ret = names.n;
	spool_names_done(&names);
	return r;
}

/* The first due name in a bucket; false when it has none. */
static bool first_due(const struct spool_names *names, int64_t *ret_us)
{
	struct slice id;

	for (size_t i = 0; i < names->n; i++)
		if (spool_due_name(names->v[i], ret_us, &id))
			return true;
	return false;
}

static int next_in_due(struct queue *q, int64_t *ret_us)
{
	char path[2 * SPOOL_PATH_MAX];
	struct spool_names buckets, names;
	int r = spool_list(q, "due", &buckets);
	bool found = false;

	*ret_us = INT64_MAX;
	for (size_t i = 0; r == 0 && i < buckets.n && !found; i++) {
		(void)snprintf(path, sizeof(path), "due/%s", buckets.v[i]);
		r = spool_list(q, path, &names);
		if (r == 0)
			found = first_due(&names, ret_us);
		spool_names_done(&names);
	}
	spool_names_done(&buckets);
	return r;
}

int queue_new_left(struct queue *q, bool *ret)
{
	struct spool_names names;
	int r = spool_list(q, "new", &names);

	if (r == 0)
		*ret = names.n > 0;
	spool_names_done(&names);
	return r;
}

int queue_next_due(struct queue *q, int64_t *ret_us)
{
	bool at_once = false;
	int64_t due_us = 0;
	int r = queue_new_left(q, &at_once);

	if (r == 0 && !at_once)
		r = next_in_due(q, &due_us);
	if (r == 0)
		*ret_us = due_us;
	return r;
}
