/* SPDX-License-Identifier: ISC */
/* See file.h. Every step that changes a disk passes `step` first, where the
 * crash tests stand. */
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#define COPY_BYTES  65536
#define PIECE_BYTES ((uint64_t)8 << 20)
#define PIECES_OPEN 3 /* that the disk may be busy with */
#define BIRTH       (O_CLOEXEC | O_NOFOLLOW)

/* Tests only; a handler never sets it. */
static struct {
	file_hook *hook;
	void *context;
} watched;

void file_set_hook(file_hook *hook, void *context)
{
	watched.hook = hook;
	watched.context = context;
}

static int step(const char *name)
{
	return watched.hook ? watched.hook(watched.context, name) : 0;
}

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

int file_write(int fd, struct slice s)
{
	int r = step("write");

	if (r < 0)
		return r;
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			s = slice_from(s, (size_t)n);
	}
	return 0;
}

int file_write_at(int fd, struct slice s, uint64_t at)
{
	int r = step("write");

	if (r < 0)
		return r;
	while (s.n > 0) {
		ssize_t n = pwrite(fd, s.p, s.n, (off_t)at);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			s = slice_from(s, (size_t)n);
			at += (uint64_t)n;
		}
	}
	return 0;
}

ssize_t file_read_at(int fd, void *p, size_t n, uint64_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, (char *)p + done, n - done,
				    (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int copy_by_hand(int from, uint64_t from_at, int to, uint64_t to_at,
			uint64_t n)
{
	char *block = malloc(COPY_BYTES);
	int r = block ? 0 : -ENOMEM;

	while (n > 0 && r == 0) {
		size_t want = n < COPY_BYTES ? (size_t)n : COPY_BYTES;
		ssize_t got = file_read_at(from, block, want, from_at);

		if (got <= 0) {
			r = got < 0 ? (int)got : -EIO;
			break;
		}
		r = file_write_at(to, (struct slice){ block, (size_t)got },
				  to_at);
		from_at += (uint64_t)got;
		to_at += (uint64_t)got;
		n -= (uint64_t)got;
	}
	free(block);
	return r;
}

/* What copy_file_range(2) says where it cannot, though read and write can. */
static bool cannot_in_kernel(int error)
{
	return error == EXDEV || error == EINVAL || error == ENOSYS ||
	       error == EOPNOTSUPP || error == EBADF;
}

int file_copy(int from, uint64_t from_at, int to, uint64_t to_at, uint64_t n)
{
	int r = step("write");

	if (r < 0)
		return r;
	while (n > 0) {
		off_t in = (off_t)from_at, out = (off_t)to_at;
		ssize_t done = copy_file_range(from, &in, to, &out, n, 0);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0 || (done < 0 && cannot_in_kernel(errno)))
			return copy_by_hand(from, from_at, to, to_at, n);
		if (done < 0)
			return -errno;
		from_at += (uint64_t)done;
		to_at += (uint64_t)done;
		n -= (uint64_t)done;
	}
	return 0;
}

static void wait_written(int fd, uint64_t at)
{
	ignore(sync_file_range(fd, (off_t)at, PIECE_BYTES,
			       SYNC_FILE_RANGE_WAIT_BEFORE |
				       SYNC_FILE_RANGE_WRITE |
				       SYNC_FILE_RANGE_WAIT_AFTER));
	ignore(posix_fadvise(fd, (off_t)at, PIECE_BYTES, POSIX_FADV_DONTNEED));
}

void file_behind(int fd, uint64_t upto, struct file_behind *b)
{
	while (upto - b->started >= PIECE_BYTES) {
		ignore(sync_file_range(fd, (off_t)b->started, PIECE_BYTES,
				       SYNC_FILE_RANGE_WRITE));
		b->started += PIECE_BYTES;
	}
	while (b->drop && b->started - b->done >= PIECES_OPEN * PIECE_BYTES) {
		wait_written(fd, b->done);
		b->done += PIECE_BYTES;
	}
}

void file_start(int fd, uint64_t at, uint64_t n)
{
	ignore(sync_file_range(fd, (off_t)at, (off_t)n, SYNC_FILE_RANGE_WRITE));
}

int file_reserve(int fd, uint64_t size)
{
	int r = step("reserve");

	if (r < 0)
		return r;
	do
		r = result(fallocate(fd, 0, 0, (off_t)size));
	while (r == -EINTR);
	return r == -EOPNOTSUPP || r == -ENOSYS ? 0 : r;
}

void file_reserve_ahead(int fd, uint64_t at, uint64_t n)
{
	if (at <= INT64_MAX - n)
		ignore(fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)n));
}

int file_sync(int fd)
{
	int r = step("sync");

	return r < 0 ? r : result(fdatasync(fd));
}

int file_sync_dir(int dir)
{
	int r = step("sync-dir");

	return r < 0 ? r : result(fsync(dir));
}

int file_truncate(int fd, uint64_t size)
{
	int r = step("truncate");

	if (r < 0)
		return r;
	do
		r = result(ftruncate(fd, (off_t)size));
	while (r == -EINTR);
	return r;
}

int file_create(int dir, const char *name, mode_t mode)
{
	int r = step("create");
	int fd;

	if (r < 0)
		return r;
	fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | BIRTH, mode);
	return fd < 0 ? -errno : fd;
}

static int check_regular(int fd, struct stat *st)
{
	if (fstat(fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	return st->st_nlink > 1 ? -EMLINK : 0;
}

int file_open_stat(int dir, const char *name, int flags, struct stat *ret)
{
	/* O_NONBLOCK: a fifo in a mailbox's place must not hold us */
	int fd = openat(dir, name, flags | BIRTH | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = check_regular(fd, &st);
	if (r < 0) {
		(void)close(fd); /* was only looked at */
		return r;
	}
	*ret = st;
	return fd;
}

int file_open(int dir, const char *name, int flags)
{
	struct stat st;

	return file_open_stat(dir, name, flags, &st);
}

int file_open_dir(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int file_rename(int from_dir, const char *from, int to_dir, const char *to)
{
	int r = step("rename");

	return r < 0 ? r : result(renameat(from_dir, from, to_dir, to));
}

int file_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
	int r = step("rename");

	return r < 0 ? r
		     : result(renameat2(from_dir, from, to_dir, to,
					RENAME_NOREPLACE));
}

int file_unlink(int dir, const char *name)
{
	int r = step("unlink");

	return r < 0 ? r : result(unlinkat(dir, name, 0));
}

int file_publish(int fd, int from_dir, const char *from, int to_dir,
		 const char *to)
{
	int r = file_sync(fd);

	if (r == 0)
		r = file_rename(from_dir, from, to_dir, to);
	if (r < 0)
		return r;
	r = file_sync_dir(to_dir);
	if (r < 0)
		/* not known to be durable: take it back, we say "failed" */
		(void)unlinkat(to_dir, to, 0);
	return r;
}

static int try_lock(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

int file_try_lock(int fd)
{
	return try_lock(fd, F_WRLCK);
}

int file_try_lock_shared(int fd)
{
	return try_lock(fd, F_RDLCK);
}

int file_locked_alone(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_GETLK, &lock) < 0 ? -errno
						 : lock.l_type == F_WRLCK;
}

int file_let_go(int last)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int r = null < 0 ? -errno : 0;

	for (int fd = STDIN_FILENO; fd <= last && r == 0; fd++)
		if (dup2(null, fd) < 0)
			r = -errno;
	if (null > last)
		file_close(&null);
	return r;
}

void file_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* it was only read */
	*fd = -1;
}
