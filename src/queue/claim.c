/* SPDX-License-Identifier: ISC */
/* A pass: what is due is claimed, oldest first. Names tell what is due, so
 * that no other file is opened. Several runs and hosts may pass at once. */
#include "queue/item.h"

#include <fcntl.h>

#include "base/ident.h"
#include "base/log.h"
#include "queue/events.h"

#define SEARCHES 3

struct pass {
	struct queue *queue;
	int64_t now_us;
	size_t most;
	struct queue_item **items;
	size_t n, room;
};

static int keep(struct pass *p, struct queue_item *item)
{
	if (p->n == p->room) {
		size_t more = p->room ? p->room * 2 : 16;
		struct queue_item **v = reallocarray(
			p->items, more, sizeof(struct queue_item *));

		if (!v) {
			queue_item_free(item);
			return -ENOMEM;
		}
		p->items = v;
		p->room = more;
	}
	p->items[p->n++] = item;
	return 0;
}

/* Out of the way, so that it is not read again on every pass. */
static void put_aside(struct queue *q, const char *path, int why)
{
	struct slice name = slice_of(path);
	char bad[SPOOL_PATH_MAX], id[IDENT_MAX];
	struct log_field fields[2];

	name = slice_from(name, slice_find_last(name, '/') + 1);
	ident_new(id); /* nothing there is to be replaced */
	(void)snprintf(bad, sizeof(bad), "bad/%.200s.%s", name.p, id);
	fields[0] = (struct log_field){ "QUEUE_ID", name };
	fields[1] = (struct log_field){ "DETAIL", slice_of(strerror(-why)) };
	if (file_rename(q->root, path, q->root, bad) == 0)
		log_event(&queue_event_bad, fields, ARRAY_LEN(fields));
}

/* It lies there for ever, and runs come to nothing: somebody has to know. */
static void say_closed(struct queue *q, const char *path)
{
	const struct log_field fields[] = {
		{ "PLACE", slice_of(path) },
		{ "REMEDY", SLICE("chown -R postern the queue directory, or "
				  "run postern check as root") },
	};

	if (!q->said_closed)
		log_event(&queue_event_closed, fields, ARRAY_LEN(fields));
	q->said_closed = true;
}

/* Is this no reason to end the pass? */
static int passed_over(struct queue *q, const char *path, int error)
{
	if (item_is_bad(error)) {
		put_aside(q, path, error);
		return 0;
	}
	if (error == -EACCES) {
		say_closed(q, path);
		return 0;
	}
	return error == -ENOENT || error == -EAGAIN ? 0 : error;
}

/* ---- new/ ---- */

/* At once to where it lies while it waits: an empty new/ is what the path
 * unit waits for. */
static int claim_new(struct pass *p, const char *name)
{
	char path[2 * SPOOL_PATH_MAX];
	struct queue_item *item;
	int r;

	(void)snprintf(path, sizeof(path), "new/%s", name);
	if (!ident_valid(slice_of(name)))
		return passed_over(p->queue, path, -EBADMSG);
	r = item_claim(p->queue, path, &item);
	if (r < 0)
		return passed_over(p->queue, path, r);
	r = spool_move_due(p->queue, item->path, item->env.id, p->now_us,
			   item->path);
	if (r < 0) {
		queue_item_free(item);
		return r;
	}
	return keep(p, item);
}

static int pass_new(struct pass *p)
{
	struct spool_names names;
	int r = spool_list(p->queue, "new", &names);

	for (size_t i = 0; r == 0 && i < names.n && p->n < p->most; i++)
		r = claim_new(p, names.v[i]);
	spool_names_done(&names);
	return r;
}

/* ---- due/ ---- */

/* 1: this one and all behind it are not due. */
static int claim_due(struct pass *p, const char *bucket, const char *name)
{
	char path[3 * SPOOL_PATH_MAX];
	struct queue_item *item;
	struct slice id;
	int64_t due_us;
	int r;

	(void)snprintf(path, sizeof(path), "due/%s/%s", bucket, name);
	if (!spool_due_name(name, &due_us, &id))
		return passed_over(p->queue, path, -EBADMSG);
	if (due_us > p->now_us)
		return 1;
	r = item_claim(p->queue, path, &item);
	return r < 0 ? passed_over(p->queue, path, r) : keep(p, item);
}

static int pass_bucket(struct pass *p, const char *bucket)
{
	char folder[2 * SPOOL_PATH_MAX], current[SPOOL_PATH_MAX];
	struct spool_names names;
	int r;

	(void)snprintf(folder, sizeof(folder), "due/%s", bucket);
	r = spool_list(p->queue, folder, &names);
	for (size_t i = 0; r == 0 && i < names.n && p->n < p->most; i++)
		r = claim_due(p, bucket, names.v[i]);
	spool_bucket(p->now_us, current);
	if (r == 0 && names.n == 0 && strcmp(folder, current) < 0)
		/* a past one; if something came in meanwhile, it stays */
		(void)unlinkat(p->queue->root, folder, AT_REMOVEDIR);
	spool_names_done(&names);
	/* one folder must not keep all others waiting */
	if (r == -EACCES)
		return passed_over(p->queue, folder, r);
	return r < 0 ? r : 0;
}

static int pass_due(struct pass *p)
{
	char current[SPOOL_PATH_MAX], folder[2 * SPOOL_PATH_MAX];
	struct spool_names buckets;
	int r = spool_list(p->queue, "due", &buckets);

	spool_bucket(p->now_us, current);
	for (size_t i = 0; r == 0 && i < buckets.n && p->n < p->most; i++) {
		(void)snprintf(folder, sizeof(folder), "due/%s", buckets.v[i]);
		if (strcmp(folder, current) > 0)
			break;
		r = pass_bucket(p, buckets.v[i]);
	}
	spool_names_done(&buckets);
	return r;
}

int queue_claim_due(struct queue *q, int64_t now_us, size_t most,
		    struct queue_item ***ret, size_t *ret_n)
{
	struct pass p = { .queue = q, .now_us = now_us, .most = most };
	int r = pass_new(&p);

	if (r == 0)
		r = pass_due(&p);
	if (r < 0 && p.n == 0) {
		free(p.items);
		return r;
	}
	/* what was claimed before the trouble is worth working off */
	*ret = p.items;
	*ret_n = p.n;
	return 0;
}

/* ---- by id ---- */

static int claim_in_bucket(struct queue *q, const char *bucket, struct slice id,
			   struct queue_item **ret)
{
	char path[3 * SPOOL_PATH_MAX];
	struct spool_names names;
	struct slice found;
	int64_t due_us;
	int r;

	(void)snprintf(path, sizeof(path), "due/%s", bucket);
	r = spool_list(q, path, &names);
	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < names.n && r == -ENOENT; i++) {
		if (!spool_due_name(names.v[i], &due_us, &found) ||
		    !slice_eq(found, id))
			continue;
		(void)snprintf(path, sizeof(path), "due/%s/%s", bucket,
			       names.v[i]);
		r = item_claim(q, path, ret);
	}
	spool_names_done(&names);
	return r;
}

static int search(struct queue *q, struct slice id, struct queue_item **ret)
{
	char path[SPOOL_PATH_MAX];
	struct spool_names buckets;
	int r;

	(void)snprintf(path, sizeof(path), "new/%.*s", SLICE_ARG(id));
	r = item_claim(q, path, ret);
	if (r != -ENOENT)
		return r;
	r = spool_list(q, "due", &buckets);
	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < buckets.n && r == -ENOENT; i++)
		r = claim_in_bucket(q, buckets.v[i], id, ret);
	spool_names_done(&buckets);
	return r;
}

int queue_claim(struct queue *q, struct slice id, struct queue_item **ret)
{
	int tries = ident_valid(id) ? SEARCHES : 0;
	int r = -ENOENT;

	/* it may move to where we have looked already */
	for (int i = 0; i < tries && r == -ENOENT; i++)
		r = search(q, id, ret);
	return r;
}
