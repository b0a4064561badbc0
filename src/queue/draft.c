/* SPDX-License-Identifier: ISC */
/* A queue file being written: in tmp/, locked from its birth, until one
 * durable rename makes it ours. */
#include "queue/item.h"

#include <fcntl.h>
#include <inttypes.h>

#include "base/ident.h"
#include "queue/format.h"

struct queue_draft {
	struct queue *queue;
	int fd;
	char path[SPOOL_PATH_MAX]; /* in tmp/; empty once it is not there */
	char id[IDENT_MAX];
	uint64_t start; /* of the message */
};

/* The caller's envelope is not ours to write slots into. */
static int write_envelope(struct queue_draft *d, const struct envelope *env)
{
	struct buf head = BUF(QUEUE_HEAD_MAX);
	struct envelope own = *env;
	int r = -ENOMEM;

	own.to = calloc(env->n_to, sizeof(*own.to));
	if (own.to) {
		memcpy(own.to, env->to, env->n_to * sizeof(*own.to));
		r = queue_format(&head, &own);
	}
	if (r == 0)
		r = file_write(d->fd, buf_slice(&head));
	d->start = head.n;
	free(own.to);
	buf_done(&head);
	return r;
}

static int begin(struct queue_draft *d, const struct envelope *env)
{
	char path[SPOOL_PATH_MAX];
	int r;

	spool_tmp(d->queue, d->id, path);
	d->fd = file_create(d->queue->root, path, 0600);
	if (d->fd < 0)
		return d->fd;
	memcpy(d->path, path, sizeof(path));
	r = file_try_lock(d->fd);
	return r < 0 ? r : write_envelope(d, env);
}

int queue_draft_new(struct queue *q, const struct envelope *env,
		    struct queue_draft **ret)
{
	struct queue_draft *d;
	int r;

	if (!ident_valid(env->id) || env->n_to == 0 || env->arrived_us < 0)
		return -EINVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->queue = q;
	d->fd = -1;
	memcpy(d->id, env->id.p, env->id.n);
	r = begin(d, env);
	if (r < 0)
		queue_draft_free(d);
	else
		*ret = d;
	return r;
}

int queue_draft_write(struct queue_draft *d, struct slice bytes)
{
	return file_write(d->fd, bytes);
}

void queue_draft_message(struct queue_draft *d, int *ret_fd,
			 uint64_t *ret_offset)
{
	*ret_fd = d->fd;
	*ret_offset = d->start;
}

static int write_octets(struct queue_draft *d, uint64_t octets)
{
	char digits[QUEUE_OCTETS_DIGITS + 1];

	(void)snprintf(digits, sizeof(digits), "%0*" PRIu64,
		       QUEUE_OCTETS_DIGITS, octets);
	return file_write_at(d->fd, slice_of(digits), QUEUE_OCTETS_AT);
}

/* tmp/ → new/. */
static int publish(struct queue_draft *d)
{
	int dir = file_open_dir(d->queue->root, "new");
	int r;

	if (dir < 0)
		return dir;
	r = file_publish(d->fd, d->queue->root, d->path, dir, d->id);
	if (r == 0)
		d->path[0] = '\0';
	file_close(&dir);
	return r;
}

/* The item is made before the step, so that nothing can fail behind it. */
static int publish_claimed(struct queue_draft *d, struct queue_item **ret)
{
	char path[SPOOL_PATH_MAX];
	struct queue_item *item;
	int r;

	(void)snprintf(path, sizeof(path), "new/%s", d->id);
	r = item_load(d->queue, d->fd, path, &item);
	if (r < 0) {
		d->fd = -1; /* closed by whom it was given to */
		return r;
	}
	r = publish(d);
	d->fd = -1;
	if (r < 0)
		queue_item_free(item);
	else
		*ret = item;
	return r;
}

int queue_draft_publish(struct queue_draft *d, uint64_t octets,
			struct queue_item **claim)
{
	int r = write_octets(d, octets);

	if (r == 0)
		r = claim ? publish_claimed(d, claim) : publish(d);
	queue_draft_free(d);
	return r;
}

void queue_draft_free(struct queue_draft *d)
{
	if (!d)
		return;
	if (d->path[0] != '\0')
		/* what cannot be unlinked now is queue_sweep's */
		(void)unlinkat(d->queue->root, d->path, 0);
	file_close(&d->fd); /* unfinished, or synced when published */
	free(d);
}
