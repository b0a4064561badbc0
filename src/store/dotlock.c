/* SPDX-License-Identifier: ISC */
/* See dotlock.h. Two ways, both such that the lock has its maker's pid from
 * the first instant:
 *
 * - This host's own file, .postern/NAME.lock.HOST, is written and linked to
 *   NAME.lock: no inode is made or freed, which a flush of the mailbox would
 *   have to wait for. It is this host's alone and the fcntl lock is held: when
 *   NAME.lock is that very file, its maker is dead, and it is ours already.
 * - Where that cannot be done, a new file is written under a name of its own,
 *   then renamed to where nothing may be yet; or linked, where the file system
 *   cannot do that (NFS).
 *
 * Another's is never removed unless its maker is dead or has not touched it
 * for five minutes. */
#include "store/dotlock.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/clock.h"

#define STALE_S   300
#define DAY_S     86400
#define LOCK_MODE 0644
#define OURS_MODE 0664 /* of every handler */

struct names {
	char lock[NAME_MAX + 1];
	char own[NAME_MAX + 1];  /* temporary: nobody else has it */
	char ours[NAME_MAX + 1]; /* this host's, in .postern */
	const char *host;
	long pid;
};

static struct names names_of(const struct place *p)
{
	struct names n = { .host = p->host, .pid = (long)getpid() };

	(void)snprintf(n.lock, sizeof(n.lock), "%s.lock", p->name);
	(void)snprintf(n.own, sizeof(n.own), ".%s.lock.%s.%ld", p->name, n.host,
		       n.pid);
	(void)snprintf(n.ours, sizeof(n.ours), "%s.lock.%s", p->name, n.host);
	return n;
}

/* Is that process, of this host, dead? */
static bool is_dead(struct slice host, struct slice pid_text,
		    const struct names *n)
{
	uint64_t pid;

	return slice_eq(host, slice_of(n->host)) &&
	       slice_number(pid_text, 1, INT_MAX, &pid) == 0 &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* Is its maker, a process of this host, dead? Another boot's is, though its
 * pid may be somebody else's by now. */
static bool maker_dead(struct slice text, const struct names *n,
		       const char *boot)
{
	struct slice pid, host, its_boot;
	uint64_t number;

	/* its content was lost in a power cut */
	if (text.n > 0 && text.p[0] == '\0')
		return true;

	if (!slice_field(&text, '\n', &pid) ||
	    !slice_field(&text, '\n', &host) ||
	    !slice_eq(host, slice_of(n->host)) ||
	    slice_number(pid, 1, INT_MAX, &number) < 0)
		return false;
	if (boot[0] != '\0' && slice_field(&text, '\n', &its_boot) &&
	    its_boot.n > 0 && !slice_eq(its_boot, slice_of(boot)))
		return true;
	return is_dead(host, pid, n);
}

/* now_s: by the file system's clock, which may be another host's. */
static bool is_stale(const struct place *p, const struct names *n, time_t now_s,
		     struct stat *ret)
{
	int fd CLEANUP(file_close) =
		openat(p->dir, n->lock,
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[256];
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	got = file_read_at(fd, text, sizeof(text), 0);
	if (got < 0)
		return false;
	*ret = st;
	return maker_dead((struct slice){ text, (size_t)got }, n, p->boot) ||
	       now_s - st.st_mtime > STALE_S;
}

/* Another may have cleared it away and made his own since we looked, perhaps
 * of the same file: move it aside, look again, and give it back if it is not
 * the one, or newer. */
static void clear_away(const struct place *p, const struct names *n,
		       const struct stat *stale)
{
	char aside[NAME_MAX + 1];
	struct stat st;

	(void)snprintf(aside, sizeof(aside), "%.240s.old", n->own);
	if (renameat(p->dir, n->lock, p->dir, aside) < 0)
		return;
	if (fstatat(p->dir, aside, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_ino != stale->st_ino ||
	     st.st_mtim.tv_sec != stale->st_mtim.tv_sec ||
	     st.st_mtim.tv_nsec != stale->st_mtim.tv_nsec))
		ignore(linkat(p->dir, aside, p->dir, n->lock, 0));
	ignore(unlinkat(p->dir, aside, 0)); /* at worst a stray file */
}

static int put_maker(int fd, const struct place *p, const struct names *n)
{
	char text[192];

	(void)snprintf(text, sizeof(text), "%ld\n%s\n%s\n", n->pid, n->host,
		       p->boot);
	return file_write_at(fd, slice_of(text), 0);
}

/* ---- this host's file ---- */

/* It may have two names: somebody died while he held the lock. */
static int open_ours(const struct place *p, const struct names *n,
		     struct stat *st)
{
	int fd;

	if (p->side < 0)
		return -ENOENT;
	fd = openat(p->side, n->ours,
		    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		fd = errno == ENOENT ? file_create(p->side, n->ours, OURS_MODE)
				     : -errno;
	if (fd < 0)
		return fd;
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) || st->st_nlink > 2)
		file_close(&fd);
	return fd < 0 ? -EINVAL : fd;
}

/* 0: it is NAME.lock; -EEXIST: another file is, and st->st_mtime tells when
 * that was; else this is not the way. */
static int link_ours(const struct place *p, const struct names *n,
		     struct stat *st)
{
	int fd CLEANUP(file_close) = open_ours(p, n, st);
	struct stat there;
	int r = fd;

	if (r >= 0)
		r = put_maker(fd, p, n);
	if (r < 0 || linkat(p->side, n->ours, p->dir, n->lock, 0) == 0)
		return r;
	r = -errno;
	if (r != -EEXIST || fstat(fd, st) < 0)
		return -EXDEV;
	return fstatat(p->dir, n->lock, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
			       there.st_ino == st->st_ino
		       ? 0
		       : r;
}

/* ---- a new file ---- */

static int make_own(const struct place *p, const struct names *n,
		    struct stat *st)
{
	int fd CLEANUP(file_close) = file_create(p->dir, n->own, LOCK_MODE);

	if (fd == -EEXIST) { /* of a dead process that had our pid */
		ignore(unlinkat(p->dir, n->own, 0));
		fd = file_create(p->dir, n->own, LOCK_MODE);
	}
	if (fd < 0)
		return fd;
	/* empty on a full disk: it still locks, and deleting must go on */
	ignore(put_maker(fd, p, n));
	return fstat(fd, st) < 0 ? -errno : 0;
}

/* link(2)'s answer may be lost on its way over NFS: the count tells. */
static int link_own(const struct place *p, const struct names *n)
{
	struct stat st;
	int r = linkat(p->dir, n->own, p->dir, n->lock, 0) < 0 ? -errno : 0;

	if (fstatat(p->dir, n->own, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (r < 0 && st.st_nlink != 2)
		return r;
	ignore(unlinkat(p->dir, n->own, 0)); /* at worst a stray file */
	return 0;
}

/* 0, -EEXIST (then the own file is still there), or -errno. */
static int name_own(const struct place *p, const struct names *n)
{
	if (renameat2(p->dir, n->own, p->dir, n->lock, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EINVAL || errno == ENOSYS ? link_own(p, n) : -errno;
}

/* 0, -EEXIST, or -errno. */
static int take(const struct place *p, const struct names *n, struct stat *st)
{
	int r = link_ours(p, n, st);

	if (r == 0 || r == -EEXIST)
		return r;
	r = make_own(p, n, st);
	if (r < 0)
		return r;
	r = name_own(p, n);
	if (r < 0)
		ignore(unlinkat(p->dir, n->own, 0)); /* at worst a stray file */
	return r;
}

int dotlock_try(const struct place *p, struct dotlock *ret)
{
	struct names n = names_of(p);
	struct stat st = { .st_mtime = 0 }, stale;
	int r = take(p, &n, &st);

	*ret = (struct dotlock){ .held = false };
	if (r == -EEXIST && is_stale(p, &n, st.st_mtime, &stale)) {
		clear_away(p, &n, &stale);
		r = take(p, &n, &st);
	}
	if (r == -EACCES || r == -EROFS || r == -EPERM || r == -ENOSPC ||
	    r == -EDQUOT)
		return 0; /* on a full disk, deleting must go on */
	if (r == 0)
		*ret = (struct dotlock){ .held = true, .inode = st.st_ino };
	return r == -EEXIST ? -EAGAIN : r;
}

static bool is_ours(const struct place *p, const struct dotlock *d,
		    struct place_file *ret)
{
	struct stat st;

	*ret = place_beside(p, ".lock");
	return d->held &&
	       fstatat(p->dir, ret->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == d->inode;
}

void dotlock_touch(const struct place *p, const struct dotlock *d)
{
	struct place_file f;

	if (is_ours(p, d, &f))
		ignore(utimensat(p->dir, f.name, NULL, AT_SYMLINK_NOFOLLOW));
}

void dotlock_release(const struct place *p, struct dotlock *d)
{
	struct place_file f;

	if (is_ours(p, d, &f))
		ignore(unlinkat(p->dir, f.name, 0)); /* stale in 5 minutes */
	d->held = false;
}

/* ---- what was left ---- */

/* ".NAME.lock.HOST.PID", ".old" behind it or not: has it been left? Another
 * host's process cannot be asked; but nobody needs it for a day. */
static bool is_left(const struct place *p, const struct names *n,
		    const char *name)
{
	struct slice rest = slice_of(name);
	char prefix[PLACE_NAME_MAX + 16];
	struct stat st;
	size_t dot;

	(void)snprintf(prefix, sizeof(prefix), ".%s.lock.", p->name);
	if (!slice_starts(rest, slice_of(prefix)) ||
	    fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	rest = slice_from(rest, strlen(prefix));
	if (slice_ends(rest, SLICE(".old")))
		rest = slice_upto(rest, rest.n - 4);
	dot = slice_find_last(rest, '.');
	return is_dead(slice_upto(rest, dot), slice_from(rest, dot + 1), n) ||
	       clock_real_us() / 1000000 - st.st_mtime > DAY_S;
}

static int sweep(const struct place *p, const struct names *n, bool take_away,
		 dotlock_left *left, void *context)
{
	int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		int r = -errno;

		file_close(&fd);
		return r;
	}
	while ((entry = readdir(dir))) {
		if (!is_left(p, n, entry->d_name))
			continue;
		left(context, entry->d_name);
		if (take_away)
			ignore(unlinkat(p->dir, entry->d_name, 0));
	}
	(void)closedir(dir); /* was only read */
	return 0;
}

int dotlock_leftovers(const struct place *p, bool take_away, dotlock_left *left,
		      void *context)
{
	struct names n = names_of(p);
	struct stat stale;

	if (is_stale(p, &n, (time_t)(clock_real_us() / 1000000), &stale)) {
		left(context, n.lock);
		if (take_away)
			clear_away(p, &n, &stale);
	}
	return sweep(p, &n, take_away, left, context);
}
