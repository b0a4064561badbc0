/* SPDX-License-Identifier: ISC */
/* Durable files: the only module that knows the order of write, fsync,
 * rename and directory fsync. Everything that must survive a power cut goes
 * through it, and the crash tests hook there.
 *
 * Paths are names below a directory descriptor; files are born with
 * O_CLOEXEC | O_NOFOLLOW. All return 0 (or what is said) or a negative
 * errno; EINTR and short writes are dealt with here. */
#pragma once

#include "base/slice.h"

struct stat;

/* Write all of it: at the descriptor's offset, or at `at`. */
int file_write(int fd, struct slice s) MUST_LOOK;
int file_write_at(int fd, struct slice s, uint64_t at) MUST_LOOK;

/* Read until `n` bytes are there or the file ends; bytes read. */
ssize_t file_read_at(int fd, void *p, size_t n, uint64_t at) MUST_LOOK;

/* Copy `n` bytes from one file to another within the kernel where it can. */
int file_copy(int from, uint64_t from_at, int to, uint64_t to_at,
	      uint64_t n) MUST_LOOK;

/* While a long file is written from front to back, `upto` now: have the disk
 * write meanwhile, and with `drop` give up the pages of what it has written,
 * for the next ones. Hints only; start with started == done == where it
 * begins. */
struct file_behind {
	uint64_t started, done;
	bool drop;
};
void file_behind(int fd, uint64_t upto, struct file_behind *b);

/* Find room on the disk for its first `size` bytes, and make it so long, where
 * the file system can. -ENOSPC, -EDQUOT, -EFBIG. */
int file_reserve(int fd, uint64_t size) MUST_LOOK;

/* Blocks for `n` octets from `at` on, behind the end: the size stays as it is.
 * A flush of what is appended there finds its blocks allocated. Only a help:
 * what cannot be done is not. */
void file_reserve_ahead(int fd, uint64_t at, uint64_t n);

/* The data (and size) of an open file, on the disk. */
int file_sync(int fd) MUST_LOOK;

/* The names in a directory, on the disk. */
int file_sync_dir(int dir) MUST_LOOK;

/* Cut or extend to `size`; not yet on the disk. */
int file_truncate(int fd, uint64_t size) MUST_LOOK;

/* Create `name` below `dir`, which must not exist yet, for reading and
 * writing. Descriptor or -errno. */
int file_create(int dir, const char *name, mode_t mode) MUST_LOOK;

/* Have the disk begin with these octets: a file_sync that follows finds them
 * under way, or done. Promises nothing. */
void file_start(int fd, uint64_t at, uint64_t n);

/* Open `name` below `dir` (flags: O_RDONLY, O_RDWR, and so on) and make sure
 * that it is a regular file with one link. Descriptor, or -errno: -ELOOP for
 * a symbolic link, -EINVAL for what is no regular file, -EMLINK. */
int file_open(int dir, const char *name, int flags) MUST_LOOK;
/* The same, and what fstat(2) said of it. */
int file_open_stat(int dir, const char *name, int flags,
		   struct stat *ret) MUST_LOOK;

/* Open a directory below `dir` (AT_FDCWD: anywhere). */
int file_open_dir(int dir, const char *name) MUST_LOOK;

/* The one step by which a written file comes to life: sync its data, rename
 * it from (from_dir, from) to (to_dir, to), sync to_dir. A file already at
 * `to` is replaced. On failure the new name does not exist. */
int file_publish(int fd, int from_dir, const char *from, int to_dir,
		 const char *to) MUST_LOOK;

/* Rename, and unlink, without waiting for the disk: after a power cut either
 * name may be found. */
int file_rename(int from_dir, const char *from, int to_dir,
		const char *to) MUST_LOOK;
int file_unlink(int dir, const char *name) MUST_LOOK;
/* The first of the two where nothing has the new name yet: else -EEXIST. Not
 * all file systems can; -EINVAL. */
int file_rename_new(int from_dir, const char *from, int to_dir,
		    const char *to) MUST_LOOK;

/* Whole-file lock that the file system carries, also between hosts (an OFD
 * lock, fcntl(2)); goes when the descriptor is closed. 0, -EAGAIN if someone
 * else has it, or -errno. */
int file_try_lock(int fd) MUST_LOOK;
/* The same, together with others who only read. */
int file_try_lock_shared(int fd) MUST_LOOK;
/* Both change the one for the other where we have it already. */

/* Has someone else the lock for himself alone? 1; 0: nobody has, or only who
 * shares it; -errno. */
int file_locked_alone(int fd) MUST_LOOK;

/* Put /dev/null in the place of standard input, output and (last:
 * STDERR_FILENO) error, for a process that is to hold none of its parent's. 0
 * or -errno. */
int file_let_go(int last) MUST_LOOK;

/* For CLEANUP(): close what was only read. */
void file_close(int *fd);

/* Tests: called before every step above that changes a disk, with its name
 * ("write", "sync", "truncate", "reserve", "create", "rename", "unlink",
 * "sync-dir"). A negative errno from it is returned instead of doing the step.
 */
typedef int file_hook(void *context, const char *step);
void file_set_hook(file_hook *hook, void *context);
