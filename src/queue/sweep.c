/* SPDX-License-Identifier: ISC */
/* What dead writers left in tmp/. Only this host's: of another's we cannot
 * know. */
#include "queue/spool.h"

#include <fcntl.h>
#include <sys/stat.h>

#define GRACE_US (3600 * (int64_t)1000000)

/* Long unchanged, and nobody holds the lock it was born with. */
static bool is_left_over(int fd, int64_t now_us)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (int64_t)st.st_mtime * 1000000 < now_us - GRACE_US &&
	       file_try_lock(fd) == 0;
}

/* 1: removed. */
static int sweep_one(struct queue *q, const char *name, int64_t now_us)
{
	char path[2 * SPOOL_PATH_MAX];
	int fd, r = 0;

	(void)snprintf(path, sizeof(path), "tmp/%s", name);
	fd = file_open(q->root, path, O_RDWR);
	if (fd < 0)
		return 0;
	if (is_left_over(fd, now_us)) {
		r = file_unlink(q->root, path);
		r = r == -ENOENT ? 0 : r < 0 ? r : 1;
	}
	file_close(&fd);
	return r;
}

int queue_sweep(struct queue *q, int64_t now_us)
{
	struct spool_names names;
	char ours[sizeof(q->host) + 1];
	int removed = 0, r = spool_list(q, "tmp", &names);

	(void)snprintf(ours, sizeof(ours), "%s.", q->host);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		if (!slice_starts(slice_of(names.v[i]), slice_of(ours)))
			continue;
		r = sweep_one(q, names.v[i], now_us);
		removed += r > 0;
	}
	spool_names_done(&names);
	return r < 0 ? r : removed;
}
