/* SPDX-License-Identifier: ISC */
/* See slots.h. Read and written in place, never mapped: who cuts the file
 * short meanwhile must not kill us (SIGBUS). Must never use a file that others
 * could have written or read. */
#include "base/slots.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/ident.h"

#define KEY_BYTES 32

/* a holder that is stopped must not stop us: 0.2 s in all */
#define LOCK_TRIES    400
#define LOCK_PAUSE_US 500

struct slots {
	int fd;
	uint8_t key[KEY_BYTES];
};

/* The check tells a header written to its end, for this size and mark. */
struct header {
	uint8_t key[KEY_BYTES];
	uint8_t check[DIGEST_KEYED_BYTES];
};

_Static_assert(sizeof(struct header) == 64, "no holes");

static struct slice bytes_of(const void *p, size_t n)
{
	return (struct slice){ p, n };
}

void slots_mac(const struct slots *s, const struct slice *parts, size_t n,
	       uint8_t ret[DIGEST_KEYED_BYTES])
{
	struct digest_keyed d;

	digest_keyed_start(&d, bytes_of(s->key, sizeof(s->key)));
	for (size_t i = 0; i < n; i++) {
		uint64_t length = parts[i].n;

		digest_keyed_add(&d, bytes_of(&length, sizeof(length)));
		digest_keyed_add(&d, parts[i]);
	}
	digest_keyed_end(&d, ret);
}

static void check_of(const struct slots *s, struct slice mark, uint64_t size,
		     uint8_t ret[DIGEST_KEYED_BYTES])
{
	const struct slice parts[] = { SLICE("postern slots 1"), mark,
				       bytes_of(&size, sizeof(size)) };

	slots_mac(s, parts, ARRAY_LEN(parts), ret);
}

/* ret_size: how long the file is. */
static int check_ours(int fd, uint64_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return -EPERM;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

static int read_header(struct slots *s, struct slice mark, uint64_t size)
{
	uint8_t check[DIGEST_KEYED_BYTES];
	struct header h;
	ssize_t n = file_read_at(s->fd, &h, sizeof(h), 0);
	int r = n == sizeof(h) ? 0 : -EBADMSG;

	if (r == 0) {
		memcpy(s->key, h.key, sizeof(s->key));
		check_of(s, mark, size, check);
		if (!digest_same(check, h.check, sizeof(check)))
			r = -EBADMSG;
	}
	explicit_bzero(&h, sizeof(h));
	return n < 0 ? (int)n : r;
}

/* -EBADMSG: there is one, but not as it should be. */
static int open_old(struct slots *s, const char *path, struct slice mark,
		    uint64_t size)
{
	uint64_t found = 0;
	int r = file_open(AT_FDCWD, path, O_RDWR);

	if (r < 0)
		return r;
	s->fd = r;
	r = check_ours(s->fd, &found);
	if (r == 0 && found != sizeof(struct header) + size)
		r = -EBADMSG;
	if (r == 0)
		r = read_header(s, mark, size);
	if (r < 0)
		file_close(&s->fd);
	return r;
}

static int fill(struct slots *s, struct slice mark, uint64_t size)
{
	struct header h;
	int r;

	if (getrandom(s->key, sizeof(s->key), 0) != sizeof(s->key))
		return -EIO;
	memcpy(h.key, s->key, sizeof(h.key));
	check_of(s, mark, size, h.check);
	r = file_write_at(s->fd, bytes_of(&h, sizeof(h)), 0);
	explicit_bzero(&h, sizeof(h));
	return r < 0 ? r : file_truncate(s->fd, sizeof(h) + size);
}

/* A damaged file is replaced: who has it open goes on with that one. Where
 * there was none, the first of those who come at once makes it for all:
 * -EEXIST. */
static int bring_in(const char *draft, const char *path, bool damaged)
{
	int r = damaged ? -EINVAL
			: file_rename_new(AT_FDCWD, draft, AT_FDCWD, path);

	return r == -EINVAL ? file_rename(AT_FDCWD, draft, AT_FDCWD, path) : r;
}

/* Whole, then renamed: nobody sees half a header. */
static int make(struct slots *s, const char *path, bool damaged,
		struct slice mark, uint64_t size)
{
	char ident[IDENT_MAX], draft[PATH_MAX];
	int r;

	ident_new(ident);
	r = snprintf(draft, sizeof(draft), "%s.%s", path, ident);
	if (r < 0 || (size_t)r >= sizeof(draft))
		return -ENAMETOOLONG;
	r = file_create(AT_FDCWD, draft, 0600);
	if (r < 0)
		return r;
	s->fd = r;
	r = fill(s, mark, size);
	if (r == 0)
		r = bring_in(draft, path, damaged);
	if (r < 0) {
		ignore(file_unlink(AT_FDCWD, draft)); /* r says it */
		file_close(&s->fd);
	}
	return r;
}

/* One of those who find a file damaged replaces it; the others wait for that
 * one and take what is there then. */
static int replace(struct slots *s, const char *path, struct slice mark,
		   uint64_t size)
{
	int damaged CLEANUP(file_close) = file_open(AT_FDCWD, path, O_RDWR);
	int r = damaged < 0 ? damaged : file_try_lock(damaged);

	for (int i = 0; i < LOCK_TRIES && r == -EAGAIN; i++) {
		clock_pause_us(LOCK_PAUSE_US);
		r = file_try_lock(damaged);
	}
	r = open_old(s, path, mark, size);
	return r == -EBADMSG ? make(s, path, true, mark, size) : r;
}

int slots_open(const char *path, struct slice mark, uint64_t size,
	       struct slots **ret)
{
	struct slots *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->fd = -1;
	r = open_old(s, path, mark, size);
	if (r == -EBADMSG)
		r = replace(s, path, mark, size);
	if (r == -ENOENT)
		r = make(s, path, false, mark, size);
	if (r == -EEXIST)
		r = open_old(s, path, mark, size);
	if (r < 0) {
		slots_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void slots_read(struct slots *s, void *p, size_t n, uint64_t at)
{
	ssize_t got = file_read_at(s->fd, p, n, sizeof(struct header) + at);
	size_t there = got < 0 ? 0 : (size_t)got;

	memset((char *)p + there, 0, n - there);
}

void slots_write(struct slots *s, const void *p, size_t n, uint64_t at)
{
	/* the header promises no more */
	ignore(file_write_at(s->fd, bytes_of(p, n),
			     sizeof(struct header) + at));
}

static int set_lock(struct slots *s, short type, size_t n, uint64_t at)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)(sizeof(struct header) + at),
		.l_len = (off_t)n,
	};

	return fcntl(s->fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

bool slots_lock(struct slots *s, size_t n, uint64_t at)
{
	int r = set_lock(s, F_WRLCK, n, at);

	for (int i = 0; i < LOCK_TRIES && (r == -EAGAIN || r == -EACCES); i++) {
		clock_pause_us(LOCK_PAUSE_US);
		r = set_lock(s, F_WRLCK, n, at);
	}
	return r == 0;
}

void slots_unlock(struct slots *s, size_t n, uint64_t at)
{
	/* what is not locked need not be unlocked */
	ignore(set_lock(s, F_UNLCK, n, at));
}

void slots_close(struct slots *s)
{
	if (!s)
		return;
	file_close(&s->fd); /* what was written may be lost */
	explicit_bzero(s, sizeof(*s));
	free(s);
}
