/* SPDX-License-Identifier: ISC */
/* user_write of users.h. Must never leave a users file that is cut short, nor
 * lose what another editor of our own wrote meanwhile. */
#include "conf/users.h"

#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/ident.h"
#include "conf/map.h"

#define NEW_MODE        0640
#define LINE_MAX_OCTETS 4096

/* The file being edited, locked. */
struct edit {
	char *path; /* without symbolic links */
	int dir;
	const char *base; /* of path */
	int fd;           /* of the old file; holds the lock */
	struct stat st;
	struct map *map;
};

static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real || errno != ENOENT ? real : strdup(path);
}

static int open_dir_of(const char *path)
{
	char *copy = strdup(path);
	int dir = copy ? file_open_dir(AT_FDCWD, dirname(copy)) : -ENOMEM;

	free(copy);
	return dir;
}

static int lock_wait(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	while (fcntl(fd, F_OFD_SETLKW, &whole) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Is the file we have locked still the one of that name? */
static int is_current(struct edit *e)
{
	struct stat now;

	if (fstat(e->fd, &e->st) < 0)
		return -errno;
	if (fstatat(e->dir, e->base, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return now.st_dev == e->st.st_dev && now.st_ino == e->st.st_ino;
}

static int open_or_create(struct edit *e, bool create)
{
	int fd = file_open(e->dir, e->base, O_RDWR);

	if (fd == -ENOENT && create) {
		fd = file_create(e->dir, e->base, NEW_MODE);
		if (fd == -EEXIST)
			fd = file_open(e->dir, e->base, O_RDWR);
	}
	return fd;
}

/* Lock the file that has the name once we have the lock. */
static int lock(struct edit *e, bool create)
{
	int r;

	do {
		file_close(&e->fd);
		e->fd = open_or_create(e, create);
		if (e->fd < 0)
			return e->fd;
		r = lock_wait(e->fd);
		if (r == 0)
			r = is_current(e);
	} while (r == 0);
	return r < 0 ? r : 0;
}

static int edit_begin(struct edit *e, const char *path, bool create)
{
	int r;

	*e = (struct edit){ .dir = -1, .fd = -1 };
	e->path = resolve(path);
	if (!e->path)
		return -errno;
	e->base = strrchr(e->path, '/');
	e->base = e->base ? e->base + 1 : e->path;
	e->dir = open_dir_of(e->path);
	if (e->dir < 0)
		return e->dir;
	r = lock(e, create);
	return r < 0 ? r : map_open(e->path, ':', false, &e->map);
}

static void edit_done(struct edit *e)
{
	map_close(e->map);
	file_close(&e->fd);
	file_close(&e->dir);
	free(e->path);
}

/* The old text with [start, end) replaced by `line`. */
static int write_text(int fd, struct slice old, size_t start, size_t end,
		      struct slice line)
{
	struct slice before = slice_upto(old, start);
	int r = file_write(fd, before);

	if (r == 0 && before.n > 0 && before.p[before.n - 1] != '\n')
		r = file_write(fd, SLICE("\n"));
	if (r == 0)
		r = file_write(fd, line);
	return r < 0 ? r : file_write(fd, slice_from(old, end));
}

static int keep_rights(int fd, const struct stat *st)
{
	/* the owner before the mode: chown(2) clears bits of it */
	if (fchown(fd, st->st_uid, st->st_gid) < 0 &&
	    (geteuid() == 0 || errno != EPERM))
		return -errno;
	return fchmod(fd, st->st_mode & 0777) < 0 ? -errno : 0;
}

/* Not file_publish, which would rather have no file than one that may not be
 * durable: here that would take every user's login away. */
static int publish(const struct edit *e, int fd, const char *from)
{
	int r = file_sync(fd);

	if (r == 0)
		r = file_rename(e->dir, from, e->dir, e->base);
	return r < 0 ? r : file_sync_dir(e->dir);
}

static int replace(struct edit *e, size_t start, size_t end, struct slice line)
{
	char host[64], id[IDENT_MAX], name[128];
	int fd, r;

	ident_host(host, sizeof(host));
	ident_new(id);
	(void)snprintf(name, sizeof(name), ".users.%s.%d.%s", host,
		       (int)getpid(), id);
	fd = file_create(e->dir, name, 0600);
	if (fd < 0)
		return fd;
	r = keep_rights(fd, &e->st);
	if (r == 0)
		r = write_text(fd, map_text(e->map), start, end, line);
	if (r == 0)
		r = publish(e, fd, name);
	if (r < 0)
		(void)unlinkat(e->dir, name, 0); /* the first error counts */
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static bool fits(struct slice field)
{
	for (size_t i = 0; i < field.n; i++)
		if ((unsigned char)field.p[i] < ' ' || field.p[i] == 127 ||
		    field.p[i] == ':')
			return false;
	return true;
}

static int format(struct buf *b, struct slice name, struct slice hash,
		  struct slice mailbox, struct slice options)
{
	if (!user_name_valid(name) || !fits(hash) || !fits(options) ||
	    (mailbox.n > 0 && !user_mailbox_valid(mailbox)))
		return -EINVAL;
	return buf_printf(b, "%.*s:%.*s:%.*s:%.*s\n", SLICE_ARG(name),
			  SLICE_ARG(hash), SLICE_ARG(mailbox),
			  SLICE_ARG(options));
}

static int edit_run(struct edit *e, struct slice name, struct slice line)
{
	size_t start, end;

	if (!map_span(e->map, name, &start, &end)) {
		if (line.n == 0)
			return -ENOENT;
		start = end = map_text(e->map).n;
	}
	return replace(e, start, end, line);
}

static int write_line(const char *path, struct slice name, struct slice line)
{
	struct edit e;
	int r = edit_begin(&e, path, line.n > 0);

	if (r == 0)
		r = edit_run(&e, name, line);
	edit_done(&e);
	return r;
}

int user_write(const char *path, struct slice name, struct slice hash,
	       struct slice mailbox, struct slice options)
{
	struct buf line = BUF(LINE_MAX_OCTETS);
	int r = 0;

	if (hash.p)
		r = format(&line, name, hash, mailbox, options);
	if (r == 0)
		r = write_line(path, name, buf_slice(&line));
	buf_done(&line);
	return r;
}

int passwords_write(const char *path, struct slice name, struct slice hash,
		    struct slice scram)
{
	struct buf line = BUF(LINE_MAX_OCTETS);
	int r = 0;

	if (hash.p && (!user_name_valid(name) || !fits(hash) || !fits(scram)))
		return -EINVAL;
	if (hash.p)
		r = buf_printf(&line, "%.*s:%.*s:%.*s\n", SLICE_ARG(name),
			       SLICE_ARG(hash), SLICE_ARG(scram));
	if (r == 0)
		r = write_line(path, name, buf_slice(&line));
	if (line.p)
		explicit_bzero(line.p, line.n);
	buf_done(&line);
	return r;
}
