/* SPDX-License-Identifier: ISC */
/* The queue's directory: making it, naming what lies in it, listing it. Never
 * looks into a file. */
#include "queue/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/ident.h"
#include "mail/date.h"

#define DATE_OCTETS 20 /* 2026-11-23T07:15:03Z */
#define MINUTE_AT   16 /* 2026-11-23T07:15 */
#define MOVE_TRIES  8
#define LAST_DUE_US 253402300799000000 /* of the year 9999 */

static const char *const folders[] = { "tmp", "new", "due", "hosts", "bad" };

static int make_folders(const char *directory)
{
	int root, r = 0;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	root = file_open_dir(AT_FDCWD, directory);
	if (root < 0)
		return root;
	for (size_t i = 0; i < ARRAY_LEN(folders) && r == 0; i++)
		if (mkdirat(root, folders[i], 0700) < 0 && errno != EEXIST)
			r = -errno;
	if (r == 0)
		r = file_sync_dir(root);
	file_close(&root);
	return r;
}

/* Better to say now that nothing can be kept than after the message. */
static int check_folders(const struct queue *q)
{
	static const char *const needed[] = { "tmp", "new" };

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (faccessat(q->root, needed[i], W_OK | X_OK, AT_EACCESS) < 0)
			return -errno;
	return 0;
}

int queue_open(const char *directory, bool create, struct queue **ret)
{
	struct queue *q;
	int r = create ? make_folders(directory) : 0;

	if (r < 0)
		return r;
	q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->root = file_open_dir(AT_FDCWD, directory);
	if (q->root < 0) {
		r = q->root;
		free(q);
		return r;
	}
	r = check_folders(q);
	if (r < 0) {
		queue_close(q);
		return r;
	}
	ident_host(q->host, sizeof(q->host));
	*ret = q;
	return 0;
}

void queue_close(struct queue *q)
{
	if (!q)
		return;
	file_close(&q->root);
	free(q);
}

void spool_tmp(const struct queue *q, const char *id, char ret[SPOOL_PATH_MAX])
{
	(void)snprintf(ret, SPOOL_PATH_MAX, "tmp/%s.%ld.%s", q->host,
		       (long)getpid(), id);
}

/* Times no name could be made of become the nearest that can. */
static int64_t nameable(int64_t due_us)
{
	if (due_us < 0)
		return 0;
	return due_us < LAST_DUE_US ? due_us : LAST_DUE_US;
}

void spool_bucket(int64_t due_us, char ret[SPOOL_PATH_MAX])
{
	int64_t us = nameable(due_us);
	char date[DATE_MAX];

	date_iso(us - us % SPOOL_BUCKET_US, date);
	(void)snprintf(ret, SPOOL_PATH_MAX, "due/%.*sZ", MINUTE_AT, date);
}

void spool_due(int64_t due_us, struct slice id, char ret[SPOOL_PATH_MAX])
{
	char bucket[SPOOL_PATH_MAX], date[DATE_MAX];

	spool_bucket(due_us, bucket);
	date_iso(nameable(due_us), date);
	(void)snprintf(ret, SPOOL_PATH_MAX, "%.32s/%s.%.*s", bucket, date,
		       SLICE_ARG(id));
}

int spool_move_due(struct queue *q, const char *from, struct slice id,
		   int64_t due_us, char ret_path[SPOOL_PATH_MAX])
{
	char bucket[SPOOL_PATH_MAX], path[SPOOL_PATH_MAX];
	int r = -ENOENT;

	spool_bucket(due_us, bucket);
	spool_due(due_us, id, path);
	/* another run may remove the folder, being empty, just before */
	for (int i = 0; i < MOVE_TRIES && r == -ENOENT; i++) {
		if (mkdirat(q->root, bucket, 0700) < 0 && errno != EEXIST)
			return -errno;
		r = file_rename(q->root, from, q->root, path);
	}
	if (r == 0)
		memcpy(ret_path, path, sizeof(path));
	return r;
}

static int keep_name(struct spool_names *names, size_t *room, const char *name)
{
	char *copy;

	if (names->n == *room) {
		size_t more = *room ? *room * 2 : 64;
		char **v = reallocarray(names->v, more, sizeof(*v));

		if (!v)
			return -ENOMEM;
		names->v = v;
		*room = more;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	names->v[names->n++] = copy;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(DIR *dir, struct spool_names *names)
{
	const struct dirent *e;
	size_t room = 0;
	int r = 0;

	errno = 0;
	while (r == 0 && (e = readdir(dir))) {
		if (e->d_name[0] != '.')
			r = keep_name(names, &room, e->d_name);
		errno = 0;
	}
	return r == 0 ? -errno : r;
}

int spool_list(const struct queue *q, const char *folder,
	       struct spool_names *ret)
{
	struct spool_names names = { .n = 0 };
	int fd = file_open_dir(q->root, folder);
	DIR *dir;
	int r;

	*ret = names;
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		file_close(&fd);
		return r;
	}
	r = read_names(dir, &names);
	(void)closedir(dir); /* it was only read */
	if (r < 0) {
		spool_names_done(&names);
		return r;
	}
	if (names.n > 0)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	*ret = names;
	return 0;
}

void spool_names_done(struct spool_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct spool_names){ .n = 0 };
}

bool spool_due_name(const char *name, int64_t *ret_us, struct slice *ret_id)
{
	struct slice s = slice_of(name);
	struct slice id = slice_from(s, DATE_OCTETS + 1);
	char date[DATE_OCTETS + 1];

	if (s.n <= DATE_OCTETS || name[DATE_OCTETS] != '.' || !ident_valid(id))
		return false;
	memcpy(date, name, DATE_OCTETS);
	date[DATE_OCTETS] = '\0';
	if (date_parse_iso(date, ret_us) < 0)
		return false;
	*ret_id = id;
	return true;
}
