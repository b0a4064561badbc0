/* SPDX-License-Identifier: ISC */
/* The C library's functions behind the recorder, and those that stand in for
 * them. The linker's --wrap makes a call of NAME one of __wrap_NAME, and one
 * of __real_NAME one of NAME. symbols.txt lists them all. */
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/base.h"

#define WRAP(type, name, arguments)                                            \
	type __real_##name arguments;                                          \
	type __wrap_##name arguments

WRAP(ssize_t, write, (int fd, const void *p, size_t n));
WRAP(ssize_t, pwrite64, (int fd, const void *p, size_t n, off_t at));
WRAP(ssize_t, read, (int fd, void *p, size_t n));
WRAP(ssize_t, __read_chk, (int fd, void *p, size_t n, size_t room));
WRAP(ssize_t, pread64, (int fd, void *p, size_t n, off_t at));
WRAP(ssize_t, __pread64_chk,
     (int fd, void *p, size_t n, off_t at, size_t room));
WRAP(ssize_t, copy_file_range,
     (int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags));
WRAP(int, ftruncate64, (int fd, off_t size));
WRAP(int, fallocate64, (int fd, int mode, off_t at, off_t n));
WRAP(int, posix_fallocate64, (int fd, off_t at, off_t n));
WRAP(int, fdatasync, (int fd));
WRAP(int, fsync, (int fd));
WRAP(int, sync_file_range, (int fd, off_t at, off_t n, unsigned flags));
WRAP(int, open64, (const char *path, int flags, ...));
WRAP(int, __open64_2, (const char *path, int flags));
WRAP(int, openat64, (int dir, const char *path, int flags, ...));
WRAP(int, __openat64_2, (int dir, const char *path, int flags));
WRAP(int, close, (int fd));
WRAP(int, renameat,
     (int old_dir, const char *old_name, int dir, const char *name));
WRAP(int, renameat2,
     (int old_dir, const char *old_name, int dir, const char *name,
      unsigned flags));
WRAP(int, linkat,
     (int old_dir, const char *old_name, int dir, const char *name, int flags));
WRAP(int, unlinkat, (int dir, const char *name, int flags));
WRAP(int, mkdirat, (int dir, const char *name, mode_t mode));
WRAP(int, fchmod, (int fd, mode_t mode));
WRAP(int, fchown, (int fd, uid_t owner, gid_t group));
WRAP(int, futimens, (int fd, const struct timespec times[2]));
WRAP(int, fstat64, (int fd, struct stat *st));
WRAP(int, stat64, (const char *path, struct stat *st));
WRAP(int, fstatat64, (int dir, const char *path, struct stat *st, int flags));
WRAP(int, fcntl64, (int fd, int command, ...));
WRAP(void *, mmap64,
     (void *at, size_t n, int protection, int flags, int fd, off_t from));
WRAP(pid_t, getpid, (void));
WRAP(int, kill, (pid_t pid, int signal));
