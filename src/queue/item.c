/* SPDX-License-Identifier: ISC */
/* One queue file: reading its envelope, claiming it, writing states in place,
 * letting it go. */
#include "queue/item.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "queue/format.h"

#define FIRST_READ 16384
#define ARENA_CAP  (4U * QUEUE_HEAD_MAX)

/* ---- reading ---- */

static bool has_envelope(const struct buf *b)
{
	return b->n > 0 && memmem(b->p, b->n, "\n\n", 2);
}

/* Read until the envelope's end is seen. */
static int read_head(int fd, struct buf *head)
{
	size_t want = FIRST_READ;

	while (!has_envelope(head)) {
		ssize_t n;
		int r = buf_reserve(head, want);

		if (r < 0)
			return r == -EMSGSIZE ? -EBADMSG : r;
		n = file_read_at(fd, head->p + head->n, want, head->n);
		if (n <= 0)
			return n < 0 ? (int)n : -EBADMSG;
		head->n += (size_t)n;
		want = head->n;
	}
	return 0;
}

static int measure(struct queue_item *i)
{
	struct stat st;

	if (fstat(i->fd, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size < i->start)
		return -EBADMSG;
	i->length = (uint64_t)st.st_size - i->start;
	return 0;
}

static int load(struct queue_item *i)
{
	struct buf head = BUF(2U * QUEUE_HEAD_MAX);
	size_t length = 0;
	int r = read_head(i->fd, &head);

	if (r == 0)
		r = queue_parse(buf_slice(&head), i->arena, &i->env, &length);
	buf_done(&head);
	i->start = length;
	if (r == 0 && !slice_ends(slice_of(i->path), i->env.id))
		r = -EBADMSG;
	return r < 0 ? r : measure(i);
}

int item_load(struct queue *q, int fd, const char *path,
	      struct queue_item **ret)
{
	struct queue_item *i = calloc(1, sizeof(*i));
	int r = -ENOMEM;

	if (!i) {
		file_close(&fd);
		return r;
	}
	i->queue = q;
	i->fd = fd;
	(void)snprintf(i->path, sizeof(i->path), "%s", path);
	i->arena = arena_new(ARENA_CAP);
	if (i->arena)
		r = load(i);
	if (r < 0)
		queue_item_free(i);
	else
		*ret = i;
	return r;
}

/* ---- claiming ---- */

/* It may have been renamed or removed before we had the lock. */
static int still_named(struct queue *q, int fd, const char *path)
{
	struct stat locked, named;

	if (fstat(fd, &locked) < 0)
		return -errno;
	if (fstatat(q->root, path, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (locked.st_ino != named.st_ino || locked.st_dev != named.st_dev)
		return -ENOENT;
	return 0;
}

int item_claim(struct queue *q, const char *path, struct queue_item **ret)
{
	int fd = file_open(q->root, path, O_RDWR);
	int r;

	if (fd < 0)
		return fd;
	r = file_try_lock(fd);
	if (r == 0)
		r = still_named(q, fd, path);
	if (r == 0)
		return item_load(q, fd, path, ret);
	file_close(&fd);
	return r;
}

bool item_is_bad(int error)
{
	return error == -EBADMSG || error == -EINVAL || error == -ELOOP ||
	       error == -EMLINK || error == -EISDIR || error == -ENXIO;
}

/* ---- what it holds ---- */

struct envelope *queue_item_envelope(struct queue_item *i)
{
	return &i->env;
}

void queue_item_message(struct queue_item *i, int *ret_fd, uint64_t *ret_offset,
			uint64_t *ret_length)
{
	*ret_fd = i->fd;
	*ret_offset = i->start;
	*ret_length = i->length;
}

int queue_item_record(struct queue_item *i, const struct recipient *r,
		      bool durable)
{
	char state[QUEUE_STATE_BYTES];
	struct slice text = { state, sizeof(state) };
	int e;

	assert(r->slot > 0 && r->slot + sizeof(state) < i->start);
	queue_state_format(r, state);
	e = file_write_at(i->fd, text, r->slot);
	return e == 0 && durable ? file_sync(i->fd) : e;
}

static int refresh_one(struct queue_item *i, struct arena *arena,
		       struct recipient *r)
{
	char state[QUEUE_STATE_BYTES];
	ssize_t n = file_read_at(i->fd, state, sizeof(state), r->slot);

	if (n < 0)
		return (int)n;
	return queue_state_parse((struct slice){ state, (size_t)n }, arena, r);
}

int queue_item_refresh(struct queue_item *i)
{
	struct arena *arena = arena_new(ARENA_CAP);
	struct recipient *to = calloc(i->env.n_to, sizeof(*to));
	int r = arena && to ? 0 : -ENOMEM;

	if (r == 0)
		memcpy(to, i->env.to, i->env.n_to * sizeof(*to));
	for (size_t k = 0; k < i->env.n_to && r == 0; k++)
		r = refresh_one(i, arena, &to[k]);
	if (r == 0) {
		memcpy(i->env.to, to, i->env.n_to * sizeof(*to));
		arena_free(i->states);
		i->states = arena;
		arena = NULL;
	}
	free(to);
	arena_free(arena);
	return r;
}

/* ---- letting it go ---- */

int queue_item_later(struct queue_item *i, int64_t due_us)
{
	int r = spool_move_due(i->queue, i->path, i->env.id, due_us, i->path);

	queue_item_free(i);
	return r;
}

static int sync_folder(const struct queue_item *i)
{
	char folder[SPOOL_PATH_MAX];
	struct slice path = slice_of(i->path);
	int dir, r;

	(void)snprintf(folder, sizeof(folder), "%.*s",
		       (int)slice_find_last(path, '/'), i->path);
	dir = file_open_dir(i->queue->root, folder);
	if (dir < 0) /* removed, being empty now */
		return dir == -ENOENT ? 0 : dir;
	r = file_sync_dir(dir);
	file_close(&dir);
	return r;
}

/* An empty queue has an empty due/: the retry unit is not even started then.
 * A folder that holds something stays by itself. */
static void remove_empty_folder(const struct queue_item *i)
{
	struct slice path = slice_of(i->path);
	char folder[SPOOL_PATH_MAX * 2];

	if (!slice_starts(path, SLICE("due/")))
		return;
	(void)snprintf(folder, sizeof(folder), "%.*s",
		       (int)slice_find_last(path, '/'), path.p);
	(void)unlinkat(i->queue->root, folder, AT_REMOVEDIR);
}

int queue_item_remove(struct queue_item *i)
{
	int r = file_unlink(i->queue->root, i->path);

	if (r == 0)
		r = sync_folder(i);
	remove_empty_folder(i);
	queue_item_free(i);
	return r;
}

/* Closing alone would not do: a worker that was forked off for other messages
 * has the file open too, and the lock would be his as long as he lives. */
static void unlock(const struct queue_item *i)
{
	struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	/* what fails here is done by the last one's close */
	(void)fcntl(i->fd, F_OFD_SETLK, &lock);
}

void queue_item_free(struct queue_item *i)
{
	if (!i)
		return;
	unlock(i);
	file_close(&i->fd); /* states were written and looked at one by one */
	arena_free(i->states);
	arena_free(i->arena);
	free(i);
}

void queue_item_hide(struct queue_item *i)
{
	file_close(&i->fd); /* the parent has it still, and the lock */
}
