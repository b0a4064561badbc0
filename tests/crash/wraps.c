/* SPDX-License-Identifier: ISC */
/* See wraps.h. Each: may it fail here (the gate), may one die here (the
 * event), the real call, the note. A call that the model of the disk has no
 * picture of ends the program: better no proof than a wrong one. */
#include "wraps.h"

#include <stdarg.h>
#include <sys/syscall.h>

#include "recorder.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static _Noreturn void unknown(const char *what)
{
	fprintf(stderr,
		"recorder: %s: the model of the disk has no picture "
		"of it\n",
		what);
	abort();
}

/* What stat(2) says after a change. */
static struct times times_of(int fd)
{
	struct stat st = { 0 };

	(void)__real_fstat64(fd, &st); /* it is open */
	return (struct times){ st.st_mtim, st.st_ctim };
}

static void note_file(int fd, struct op op)
{
	op.inode = recorder_inode(fd);
	if (op.inode == 0)
		return;
	recorder_changed(fd);
	op.times = times_of(fd);
	(void)recorder_note(&op);
}

static void event_of(int fd)
{
	if (recorder_is_on() && recorder_inode(fd) != 0)
		recorder_event();
}

/* ---- contents ---- */

ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off_t at)
{
	ssize_t done;

	if (!recorder_gate(CALL_WRITE, &n))
		return -1;
	event_of(fd);
	done = __real_pwrite64(fd, p, n, at);
	if (done > 0)
		note_file(fd, (struct op){ .kind = OP_WRITE,
					   .at = (uint64_t)at,
					   .data = { p, (size_t)done } });
	return done;
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	ssize_t done;

	if (!recorder_gate(CALL_WRITE, &n))
		return -1;
	event_of(fd);
	done = __real_write(fd, p, n);
	if (done > 0 && recorder_inode(fd) != 0) {
		off_t at = lseek(fd, 0, SEEK_CUR) - done;

		note_file(fd, (struct op){ .kind = OP_WRITE,
					   .at = (uint64_t)at,
					   .data = { p, (size_t)done } });
	}
	return done;
}

/* By hand, so that the data is seen; at most a block, as the kernel may. */
ssize_t __wrap_copy_file_range(int in, off_t *in_at, int out, off_t *out_at,
			       size_t n, unsigned flags)
{
	static char block[1U << 20];
	ssize_t got, done;

	if (!in_at || !out_at || flags != 0)
		unknown("copy_file_range at the descriptors' own offsets");
	if (n > sizeof(block))
		n = sizeof(block);
	if (!recorder_gate(CALL_WRITE, &n))
		return -1;
	event_of(out);
	got = __real_pread64(in, block, n, *in_at);
	if (got <= 0)
		return got;
	done = __real_pwrite64(out, block, (size_t)got, *out_at);
	if (done <= 0)
		return done;
	note_file(out, (struct op){ .kind = OP_WRITE,
				    .at = (uint64_t)*out_at,
				    .data = { block, (size_t)done } });
	*in_at += done;
	*out_at += done;
	return done;
}

int __wrap_ftruncate64(int fd, off_t size)
{
	int r;

	if (!recorder_gate(CALL_SIZE, NULL))
		return -1;
	event_of(fd);
	r = __real_ftruncate64(fd, size);
	if (r == 0)
		note_file(fd,
			  (struct op){ .kind = OP_SIZE, .at = (uint64_t)size });
	return r;
}

static void note_allocated(int fd)
{
	struct stat st;

	if (__real_fstat64(fd, &st) == 0)
		note_file(fd, (struct op){ .kind = OP_SIZE,
					   .at = (uint64_t)st.st_size });
}

int __wrap_fallocate64(int fd, int mode, off_t at, off_t n)
{
	int r;

	if (mode != 0 && mode != FALLOC_FL_KEEP_SIZE)
		unknown("fallocate with this mode");
	if (!recorder_gate(CALL_WRITE, NULL))
		return -1;
	event_of(fd);
	r = __real_fallocate64(fd, mode, at, n);
	if (r == 0 && mode == 0)
		note_allocated(fd);
	return r;
}

int __wrap_posix_fallocate64(int fd, off_t at, off_t n)
{
	int r;

	if (!recorder_gate(CALL_WRITE, NULL))
		return errno;
	event_of(fd);
	r = __real_posix_fallocate64(fd, at, n);
	if (r == 0)
		note_allocated(fd);
	return r;
}

/* ---- flushing ---- */

static int sync_fd(int fd, bool whole)
{
	struct op op = { .kind = OP_SYNC_BEGIN,
			 .inode = recorder_inode(fd),
			 .whole = whole };

	if (!recorder_gate(CALL_SYNC, NULL))
		return -1;
	if (op.inode == 0)
		return whole ? __real_fsync(fd) : __real_fdatasync(fd);
	recorder_event();
	op.at = recorder_note(&op);
	/* what is written from here on it need not have seen */
	recorder_event();
	op.kind = OP_SYNC_END;
	(void)recorder_note(&op);
	return 0;
}

int __wrap_fdatasync(int fd)
{
	return sync_fd(fd, false);
}

int __wrap_fsync(int fd)
{
	return sync_fd(fd, true);
}

/* Promises nothing: the model takes it for nothing. */
int __wrap_sync_file_range(int fd, off_t at, off_t n, unsigned flags)
{
	return __real_sync_file_range(fd, at, n, flags);
}

/* ---- names ---- */

/* Only names in directories that we know, so that the log can say which. */
static uint32_t directory_of(int dir, const char *name)
{
	uint32_t inode = recorder_inode(dir);

	if (inode != 0 && strchr(name, '/'))
		unknown("a name with a slash in it");
	return inode;
}

static bool is_there(int dir, const char *name)
{
	struct stat st;

	return __real_fstatat64(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void note_birth(uint32_t dir, const char *name, int fd, uint32_t inode)
{
	struct stat st = { 0 };

	(void)__real_fstat64(fd, &st); /* it is open */
	recorder_note(&(struct op){ .kind = OP_NAME,
				    .inode = dir,
				    .name = (char *)(uintptr_t)name,
				    .named = recorder_born(fd, inode),
				    .mode = st.st_mode,
				    .times = times_of(fd) });
}

static int create(int dir, const char *path, int flags, mode_t mode)
{
	uint32_t inode = directory_of(dir, path);
	bool before = is_there(dir, path);
	int fd;

	if (before && inode != 0 && (flags & O_TRUNC))
		unknown("O_TRUNC");
	if (!before && inode != 0)
		recorder_event();
	fd = __real_openat64(dir, path, flags, mode);
	recorder_opened(fd);
	if (fd >= 0 && inode != 0 && !before)
		note_birth(inode, path, fd, 0);
	return fd;
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
	int fd;

	if (strcmp(path, BOOT_ID) == 0)
		return recorder_open_boot();
	if (!recorder_gate(flags & O_CREAT ? CALL_CREATE : CALL_OPEN, NULL))
		return -1;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		unknown("O_TMPFILE");
	if (flags & O_CREAT)
		return create(dir, path, flags, mode);
	if ((flags & O_TRUNC) && directory_of(dir, path) != 0)
		unknown("O_TRUNC");
	fd = __real_openat64(dir, path, flags, mode);
	recorder_opened(fd);
	return fd;
}

static mode_t mode_in(int flags, va_list *ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(*ap, mode_t) : 0;
}

int __wrap_open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_in(flags, &ap);
	va_end(ap);
	return open_at(AT_FDCWD, path, flags, mode);
}

int __wrap___open64_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

int __wrap_openat64(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_in(flags, &ap);
	va_end(ap);
	return open_at(dir, path, flags, mode);
}

int __wrap___openat64_2(int dir, const char *path, int flags)
{
	return open_at(dir, path, flags, 0);
}

/* It closes even when it fails, as Linux does. */
int __wrap_close(int fd)
{
	bool fine = recorder_gate(CALL_CLOSE, NULL);
	int error = errno;
	int r = __real_close(fd);

	recorder_closed(fd);
	if (fine)
		return r;
	errno = error;
	return -1;
}

static uint32_t inode_at(int dir, const char *name)
{
	struct stat st;

	if (__real_fstatat64(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	recorder_disguise(&st);
	return (uint32_t)st.st_ino;
}

int __wrap_renameat(int old_dir, const char *old_name, int dir,
		    const char *name)
{
	uint32_t from = directory_of(old_dir, old_name);
	uint32_t to = directory_of(dir, name);
	uint32_t named = inode_at(old_dir, old_name);
	int r;

	if (from != to)
		unknown("a rename from one directory to another");
	if (!recorder_gate(CALL_NAME, NULL))
		return -1;
	if (named != 0)
		recorder_event();
	r = __real_renameat(old_dir, old_name, dir, name);
	if (r == 0)
		recorder_note(
			&(struct op){ .kind = OP_RENAME,
				      .inode = to,
				      .name = (char *)(uintptr_t)name,
				      .old_name = (char *)(uintptr_t)old_name,
				      .named = named });
	return r;
}

int __wrap_renameat2(int old_dir, const char *old_name, int dir,
		     const char *name, unsigned flags)
{
	if (flags == RENAME_NOREPLACE && is_there(dir, name)) {
		errno = EEXIST;
		return -1;
	}
	if (flags != 0 && flags != RENAME_NOREPLACE)
		unknown("renameat2 with these flags");
	return __wrap_renameat(old_dir, old_name, dir, name);
}

int __wrap_linkat(int old_dir, const char *old_name, int dir, const char *name,
		  int flags)
{
	uint32_t to = directory_of(dir, name);
	int r;

	if (!recorder_gate(CALL_NAME, NULL))
		return -1;
	if (!is_there(dir, name))
		recorder_event();
	r = __real_linkat(old_dir, old_name, dir, name, flags);
	if (r == 0)
		recorder_note(&(struct op){ .kind = OP_NAME,
					    .inode = to,
					    .name = (char *)(uintptr_t)name,
					    .named = inode_at(dir, name) });
	return r;
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	uint32_t from = directory_of(dir, name);
	int r;

	if (flags != 0)
		unknown("unlinkat of a directory");
	if (!recorder_gate(CALL_NAME, NULL))
		return -1;
	if (is_there(dir, name))
		recorder_event();
	r = __real_unlinkat(dir, name, flags);
	if (r == 0)
		recorder_note(&(struct op){ .kind = OP_UNLINK,
					    .inode = from,
					    .name = (char *)(uintptr_t)name });
	return r;
}

int __wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	uint32_t inode = directory_of(dir, name);
	int r, fd;

	if (!recorder_gate(CALL_NAME, NULL))
		return -1;
	if (!is_there(dir, name))
		recorder_event();
	r = __real_mkdirat(dir, name, mode);
	if (r < 0 || inode == 0)
		return r;
	fd = __real_openat64(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		abort();
	note_birth(inode, name, fd, 0);
	return __real_close(fd);
}

/* ---- what else is changed ---- */

int __wrap_fchmod(int fd, mode_t mode)
{
	int r;

	if (!recorder_gate(CALL_MODE, NULL))
		return -1;
	r = __real_fchmod(fd, mode);
	if (r == 0)
		note_file(fd, (struct op){ .kind = OP_MODE, .mode = mode });
	return r;
}

int __wrap_fchown(int fd, uid_t owner, gid_t group)
{
	return recorder_gate(CALL_MODE, NULL) ? __real_fchown(fd, owner, group)
					      : -1;
}

int __wrap_futimens(int fd, const struct timespec times[2])
{
	if (!recorder_gate(CALL_MODE, NULL))
		return -1;
	recorder_changed(fd);
	return __real_futimens(fd, times);
}

/* ---- what is only looked at ---- */

ssize_t __wrap_read(int fd, void *p, size_t n)
{
	return recorder_gate(CALL_READ, &n) ? __real_read(fd, p, n) : -1;
}

ssize_t __wrap___read_chk(int fd, void *p, size_t n, size_t room)
{
	if (n > room)
		abort();
	return __wrap_read(fd, p, n);
}

ssize_t __wrap_pread64(int fd, void *p, size_t n, off_t at)
{
	return recorder_gate(CALL_READ, &n) ? __real_pread64(fd, p, n, at) : -1;
}

ssize_t __wrap___pread64_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
	if (n > room)
		abort();
	return __wrap_pread64(fd, p, n, at);
}

static int disguised(int r, struct stat *st)
{
	if (r == 0)
		recorder_disguise(st);
	return r;
}

int __wrap_fstat64(int fd, struct stat *st)
{
	if (!recorder_gate(CALL_STAT, NULL))
		return -1;
	return disguised(__real_fstat64(fd, st), st);
}

int __wrap_stat64(const char *path, struct stat *st)
{
	if (!recorder_gate(CALL_STAT, NULL))
		return -1;
	return disguised(__real_stat64(path, st), st);
}

int __wrap_fstatat64(int dir, const char *path, struct stat *st, int flags)
{
	if (!recorder_gate(CALL_STAT, NULL))
		return -1;
	return disguised(__real_fstatat64(dir, path, st, flags), st);
}

int __wrap_fcntl64(int fd, int command, ...)
{
	va_list ap;
	void *argument;

	va_start(ap, command);
	argument = va_arg(ap, void *);
	va_end(ap);
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		unknown("fcntl(F_DUPFD)");
	if (!recorder_gate(CALL_LOCK, NULL))
		return -1;
	return __real_fcntl64(fd, command, argument);
}

void *__wrap_mmap64(void *at, size_t n, int protection, int flags, int fd,
		    off_t from)
{
	if ((flags & MAP_SHARED) && (protection & PROT_WRITE) &&
	    recorder_inode(fd) != 0)
		unknown("a mapping that writes");
	if (!recorder_gate(CALL_MAP, NULL))
		return MAP_FAILED;
	return __real_mmap64(at, n, protection, flags, fd, from);
}

pid_t __wrap_getpid(void)
{
	return recorder_pid();
}

int __wrap_kill(pid_t pid, int signal)
{
	if (signal != 0)
		unknown("a signal");
	if (recorder_alive(pid))
		return 0;
	errno = ESRCH;
	return -1;
}
