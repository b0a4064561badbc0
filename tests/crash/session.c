/* SPDX-License-Identifier: ISC */
/* See session.h. */
#include "session.h"

#include <assert.h>
#include <fcntl.h>

#include "recorder.h"
#include "wraps.h"

#define ANY_TIME 1795000000000000

static const char *mailbox = "alice";

void session_choose(bool in_folder)
{
	mailbox = in_folder ? "example.org/alice" : "alice";
}

void session_file(const char *path, char ret[256])
{
	(void)snprintf(ret, 256, "%s/%s", path, mailbox);
}

void session_stage(const char *path)
{
	const struct times now = { 0 };
	struct stat st;

	if (__real_mkdirat(AT_FDCWD, path, 0770) < 0 ||
	    __real_fstatat64(AT_FDCWD, path, &st, 0) < 0)
		abort();
	recorder_forget_inodes();
	recorder_know(&st, ROOT_INODE, &now);
}

struct store *session_store(const char *path, bool dotlock)
{
	const struct store_options o = { .lock_wait_ms = 0,
					 .dotlock = dotlock };
	struct store *s;
	int r = store_open(path, &o, &s);

	if (r < 0) {
		printf("cannot open the store: %d\n", r);
		exit(1);
	}
	return s;
}

int session_append(struct store *s, enum message_id id)
{
	const struct message *it = message(id);
	const struct mbox_message m = { .sender = SLICE("a@example.org"),
					.real_us = ANY_TIME,
					.head = it->head,
					.text = it->text,
					.fd = -1,
					.length = it->text.n,
					.owner = (uid_t)-1,
					.once = it->once };

	return mbox_append(s, slice_of(mailbox), &m);
}

int session_forget(struct store *s, enum message_id id)
{
	return mbox_append_forget(s, slice_of(mailbox), message(id)->once);
}

int session_open(struct store *s, struct maildrop **ret)
{
	int64_t wait_ms;

	return maildrop_open(s, slice_of(mailbox), 0, ret, &wait_ms);
}

static int collect(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

int session_read(struct maildrop *m, size_t i, struct slice *ret)
{
	struct buf b = BUF(1U << 24);
	int r = maildrop_read(m, i, SIZE_MAX, collect, &b);

	if (r == 0 && b.n != maildrop_octets(m, i))
		r = -EBADMSG;
	if (r < 0)
		buf_done(&b);
	else
		*ret = buf_slice(&b);
	return r;
}

int session_find(struct maildrop *m, uint32_t messages, bool *marked)
{
	for (size_t i = 0; i < maildrop_count(m); i++) {
		struct slice wire;
		enum message_id id;
		int r = session_read(m, i, &wire);

		if (r < 0)
			return r;
		id = message_known(wire);
		free((char *)(uintptr_t)wire.p);
		if (id == MESSAGES || !(messages & BIT(id)))
			continue;
		marked[i] = true;
		messages &= ~BIT(id);
	}
	return messages == 0 ? 0 : -ENOENT;
}

/* ---- somebody else ---- */

/* Has it an empty line at its end? Else so many LF are missing. */
static size_t missing_lfs(int fd, off_t size)
{
	char end[2] = { '\n', '\n' };

	if (size >= 2 && __real_pread64(fd, end, 2, size - 2) != 2)
		abort();
	return end[1] != '\n' ? 2 : end[0] != '\n';
}

static void flush_dir(const char *path)
{
	int dir = __real_openat64(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	if (dir < 0 || __wrap_fsync(dir) < 0)
		abort();
	(void)__real_close(dir); /* flushed */
}

/* The mailbox and its folder may be new, and whoever made them dead before he
 * could flush their names. This program wants its mail to last. */
static void flush_names(const char *top, const char *file)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%.*s",
		       (int)(strrchr(file, '/') - file), file);
	flush_dir(path);
	if (strcmp(path, top) != 0)
		flush_dir(top);
}

static void put(int fd, off_t size, const struct message *m)
{
	size_t n = missing_lfs(fd, size);

	if (n > 0 && __wrap_pwrite64(fd, "\n\n", n, size) != (ssize_t)n)
		abort();
	if (__wrap_pwrite64(fd, m->raw.p, m->raw.n, size + (off_t)n) !=
		    (ssize_t)m->raw.n ||
	    __wrap_fdatasync(fd) < 0)
		abort();
}

int session_foreign(const char *path, enum message_id id)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char file[256];
	struct stat st;
	int fd, r = 0;

	session_file(path, file);
	fd = __real_openat64(AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC,
			     0660);
	if (fd < 0 || __real_fstat64(fd, &st) < 0)
		abort();
	if (recorder_inode(fd) == 0) /* on an empty stage */
		(void)recorder_born(fd, 0);
	if (__real_fcntl64(fd, F_OFD_SETLK, &lock) < 0)
		r = -EAGAIN;
	else
		put(fd, st.st_size, message(id));
	if (r == 0)
		flush_names(path, file);
	(void)__real_close(fd); /* flushed */
	return r;
}
