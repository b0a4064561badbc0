/* SPDX-License-Identifier: ISC */
/* See tls_shelf.h. */
#include "cli/tls_shelf.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"

static int make_dir(const char *path, long gid)
{
	if (mkdir(path, 0750) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (gid >= 0 && chown(path, (uid_t)-1, (gid_t)gid) < 0)
		return -errno;
	return 0;
}

int shelf_open(const char *path, bool make, struct shelf *ret)
{
	const struct group *g = geteuid() == 0 ? getgrnam(SHELF_GROUP) : NULL;
	struct shelf s = { .gid = g ? (long)g->gr_gid : -1 };
	int r = make ? make_dir(path, s.gid) : 0;

	if (r < 0)
		return r;
	s.dir = file_open_dir(AT_FDCWD, path);
	if (s.dir < 0)
		return s.dir;
	*ret = s;
	return 0;
}

void shelf_close(struct shelf *s)
{
	file_close(&s->dir);
}

int shelf_get(struct shelf *s, const char *name, struct buf *ret)
{
	int fd CLEANUP(file_close) = file_open(s->dir, name, O_RDONLY);
	struct stat st;
	ssize_t n;

	buf_reset(ret);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size >= SHELF_FILE_MAX ||
	    buf_reserve(ret, (size_t)st.st_size + 1) < 0)
		return -EFBIG;
	n = file_read_at(fd, ret->p, (size_t)st.st_size, 0);
	ret->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? (int)n : 0;
}

static bool has(struct shelf *s, const char *name, struct slice bytes)
{
	struct buf b = BUF(SHELF_FILE_MAX);
	bool same =
		shelf_get(s, name, &b) == 0 && slice_eq(buf_slice(&b), bytes);

	if (b.n > 0)
		explicit_bzero(b.p, b.n);
	buf_done(&b);
	return same;
}

static int write_out(struct shelf *s, int fd, const char *new, const char *name,
		     struct slice bytes)
{
	int r = 0;

	if (s->gid >= 0 && fchown(fd, (uid_t)-1, (gid_t)s->gid) < 0)
		r = -errno;
	if (r == 0 && fchmod(fd, 0640) < 0)
		r = -errno;
	if (r == 0)
		r = file_write(fd, bytes);
	return r == 0 ? file_publish(fd, s->dir, new, s->dir, name) : r;
}

int shelf_put(struct shelf *s, const char *name, struct slice bytes)
{
	char new[64];
	int fd, r;

	if (has(s, name, bytes))
		return 0;
	(void)snprintf(new, sizeof(new), ".new.%ld", (long)getpid());
	ignore(file_unlink(s->dir, new)); /* left by who had our number */
	fd = file_create(s->dir, new, 0600);
	if (fd < 0)
		return fd;
	r = write_out(s, fd, new, name, bytes);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		ignore(file_unlink(s->dir, new)); /* not there after rename */
	return r < 0 ? r : 1;
}

int shelf_remove(struct shelf *s, const char *name)
{
	return file_unlink(s->dir, name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add(const char *name, char ***names, size_t *n)
{
	char **v = reallocarray(*names, *n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	*names = v;
	v[*n] = strdup(name);
	if (!v[*n])
		return -ENOMEM;
	++*n;
	return 0;
}

int shelf_list(struct shelf *s, const char *suffix, char ***ret_names,
	       size_t *ret_n)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char **names = NULL;
	struct dirent *e;
	size_t n = 0;
	int r = 0;

	if (!d) {
		r = -errno;
		file_close(&fd);
		return r;
	}
	while (r == 0 && n < SHELF_NAMES_MAX && (e = readdir(d)))
		if (e->d_name[0] != '.' &&
		    slice_ends(slice_of(e->d_name), slice_of(suffix)))
			r = add(e->d_name, &names, &n);
	(void)closedir(d); /* was only read */
	if (n > 0)
		qsort(names, n, sizeof(*names), by_name);
	*ret_names = names;
	*ret_n = n;
	return r;
}

bool shelf_is_older(struct shelf *s, const char *name, int64_t seconds)
{
	struct stat st;

	return fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	       clock_real_us() / 1000000 - st.st_mtim.tv_sec > seconds;
}

struct slice shelf_source(struct slice pem)
{
	if (!slice_starts(pem, SLICE(SHELF_FROM)))
		return SLICE_NONE;
	pem = slice_from(pem, sizeof(SHELF_FROM) - 1);
	return slice_upto(pem, slice_find(pem, '\n'));
}
