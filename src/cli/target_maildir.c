/* SPDX-License-Identifier: ISC */
/* See target.h: a Maildir, by its rules: written in tmp, on the disk before it
 * gets its name in new or cur. Run by root for somebody else's Maildir, files
 * belong to whom it belongs. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/ident.h"
#include "cli/target.h"

#define BLOCK ((size_t)64 << 10)

enum { TMP, NEW, CUR, FOLDERS };

struct maildir {
	struct target target; /* first */
	int folders[FOLDERS];
	uid_t uid;
	gid_t gid;
	long long time_s; /* in all names: one export */
	uint64_t n;
	char host[65];

	/* the message */
	int fd;
	bool read;
	int64_t real_us;
	char name[NAME_MAX + 1];
	struct buf block;
};

static int begin(struct target *t, const struct target_message *message)
{
	struct maildir *m = (struct maildir *)t;

	m->read = message->read;
	m->real_us = message->real_us;
	(void)snprintf(m->name, sizeof(m->name), "%lld.M%08lluP%ld.%s",
		       m->time_s, (unsigned long long)++m->n, (long)getpid(),
		       m->host);
	m->fd = file_create(m->folders[TMP], m->name, 0600);
	return m->fd < 0 ? m->fd : 0;
}

static int flush(struct maildir *m)
{
	int r = file_write(m->fd, buf_slice(&m->block));

	buf_reset(&m->block);
	return r;
}

static int put(struct target *t, struct slice bytes)
{
	struct maildir *m = (struct maildir *)t;
	int r = 0;

	while (bytes.n > 0 && r == 0) {
		struct slice part = slice_upto(bytes, BLOCK - m->block.n);

		r = buf_put(&m->block, part);
		bytes = slice_from(bytes, part.n);
		if (r == 0 && m->block.n == BLOCK)
			r = flush(m);
	}
	return r;
}

/* Its time is the delivery's. */
static int set_times(struct maildir *m)
{
	struct timespec t = { .tv_sec = (time_t)(m->real_us / 1000000) };
	const struct timespec both[2] = { t, t };

	if (m->real_us != 0 && futimens(m->fd, both) < 0)
		return -errno;
	if (geteuid() == 0 && fchown(m->fd, m->uid, m->gid) < 0)
		return -errno;
	return 0;
}

static int end(struct target *t)
{
	struct maildir *m = (struct maildir *)t;
	char final[NAME_MAX + 8];
	int r = flush(m);

	(void)snprintf(final, sizeof(final), "%s%s", m->name,
		       m->read ? ":2,S" : "");
	if (r == 0)
		r = set_times(m);
	if (r == 0)
		r = file_publish(m->fd, m->folders[TMP], m->name,
				 m->folders[m->read ? CUR : NEW], final);
	if (r == 0)
		file_close(&m->fd);
	return r;
}

/* Each message was made so as it came. */
static int finish(struct target *t)
{
	return 0;
}

static void maildir_free(struct target *t)
{
	struct maildir *m = (struct maildir *)t;

	if (m->fd >= 0)
		(void)unlinkat(m->folders[TMP], m->name, 0);
	file_close(&m->fd);
	for (int i = 0; i < FOLDERS; i++)
		file_close(&m->folders[i]);
	buf_done(&m->block);
	free(m);
}

/* ---- the folders ---- */

static int open_folder(int dir, const char *name)
{
	int fd = openat(dir, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int make_folder(const struct maildir *m, int dir, const char *name)
{
	int fd;

	if (mkdirat(dir, name, 0700) < 0)
		return errno == EEXIST ? open_folder(dir, name) : -errno;
	fd = open_folder(dir, name);
	if (fd >= 0 && geteuid() == 0 && fchown(fd, m->uid, m->gid) < 0) {
		int r = -errno;

		file_close(&fd);
		return r;
	}
	return fd;
}

static int open_all(struct maildir *m, const char *directory)
{
	static const char *const names[FOLDERS] = { "tmp", "new", "cur" };
	int dir CLEANUP(file_close) = -1;
	struct stat st;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	dir = file_open_dir(AT_FDCWD, directory);
	if (dir < 0 || fstat(dir, &st) < 0)
		return dir < 0 ? dir : -errno;
	m->uid = st.st_uid;
	m->gid = st.st_gid;
	for (int i = 0; i < FOLDERS; i++) {
		m->folders[i] = make_folder(m, dir, names[i]);
		if (m->folders[i] < 0)
			return m->folders[i];
	}
	return file_sync_dir(dir);
}

int target_maildir(const char *directory, struct target **ret)
{
	struct maildir *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct maildir){
		.target = { begin, put, end, finish, maildir_free },
		.folders = { -1, -1, -1 },
		.time_s = clock_real_us() / 1000000,
		.fd = -1,
		.block = BUF(BLOCK),
	};
	ident_host(m->host, sizeof(m->host));
	r = open_all(m, directory);
	if (r < 0)
		maildir_free(&m->target);
	else
		*ret = &m->target;
	return r;
}
