/* SPDX-License-Identifier: ISC */
/* See box.h. Nobody reads or changes a mailbox before what a crash left in it
 * has been settled. */
#include "store/box.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/expunge.h"
#include "store/torn.h"

#define MAILBOX_MODE 0660
#define TRIES        8

static int give_to(int fd, uid_t owner)
{
	if (owner == (uid_t)-1 || owner == geteuid())
		return 0;
	/* without the right to, the group does (Debian: mail, 0660) */
	return fchown(fd, owner, (gid_t)-1) < 0 && errno != EPERM ? -errno : 0;
}

static int make_mailbox(const struct place *p, uid_t owner, struct stat *st)
{
	int fd = file_create(p->dir, p->name, MAILBOX_MODE);
	int r;

	if (fd == -EEXIST)
		return file_open_stat(p->dir, p->name, O_RDWR, st);
	if (fd < 0)
		return fd;
	r = fchmod(fd, MAILBOX_MODE) < 0 ? -errno : give_to(fd, owner);
	if (r == 0)
		r = file_sync_dir(p->dir);
	if (r == 0 && fstat(fd, st) < 0)
		r = -errno;
	if (r < 0)
		file_close(&fd);
	return r < 0 ? r : fd;
}

static int check_rights(const struct stat *st, uid_t owner)
{
	bool known = owner == (uid_t)-1 || st->st_uid == owner ||
		     st->st_uid == 0 || st->st_uid == geteuid() ||
		     (st->st_mode & S_IWGRP) != 0;

	return !known || (st->st_mode & S_IWOTH) != 0 ? -EACCES : 0;
}

/* How a mailbox is opened. */
struct manner {
	bool make, to_read;
	uid_t owner;
	int (*lock)(const struct store *s, struct box *b);
};

static int open_mailbox(struct box *b, const struct manner *m)
{
	struct stat st;
	int r;

	b->fd = file_open_stat(b->place.dir, b->place.name,
			       m->to_read ? O_RDONLY : O_RDWR, &st);
	if (b->fd == -ENOENT && m->make)
		b->fd = make_mailbox(&b->place, m->owner, &st);
	if (b->fd < 0)
		return b->fd;
	b->dev = st.st_dev;
	b->inode = st.st_ino;
	r = check_rights(&st, m->owner);
	if (r < 0)
		file_close(&b->fd);
	return r;
}

/* Others may have put another file in its place while we waited. */
static bool is_still_it(const struct box *b)
{
	struct stat there;

	return fstatat(b->place.dir, b->place.name, &there,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_ino == b->inode && there.st_dev == b->dev;
}

static int lock_as_is(const struct store *s, struct box *b)
{
	int r = lock_take(&b->place, b->fd, &s->options, &b->lock);

	if (r < 0)
		return r;
	r = is_still_it(b) ? 0 : -ESTALE;
	if (r < 0)
		box_unlock(b);
	return r;
}

int box_repair(struct box *b)
{
	int r = expunge_repair(&b->place, b->fd);

	if (r < 0)
		return r;
	file_close(&b->notes);
	b->notes = notes_open(&b->place, false);
	r = torn_repair(&b->place, b->fd, b->notes, &b->mark);
	b->marked = r > 0;
	return r < 0 ? r : 0;
}

static void on_torn(void *context, uint64_t from, uint64_t to)
{
	bool *any = context;

	*any |= from < to;
}

/* What a crash left cannot be repaired here, so there must be nothing. */
static int find_whole(const struct box *b)
{
	bool torn = false;
	int r = expunge_pending(&b->place);

	if (r == 0)
		r = torn_survey(&b->place, b->fd, on_torn, &torn);
	return r > 0 || torn ? -EROFS : r;
}

int box_lock(const struct store *s, struct box *b)
{
	int r = lock_as_is(s, b);

	if (r < 0)
		return r;
	r = b->place.read_only ? find_whole(b) : box_repair(b);
	if (r < 0)
		box_unlock(b);
	return r;
}

void box_unlock(struct box *b)
{
	lock_release(&b->place, &b->lock);
}

static int open_in(const struct store *s, struct slice mailbox,
		   const struct manner *m, struct box *ret)
{
	struct box b = BOX_NONE;
	int r = place_open(s, mailbox, m->make, &b.place);

	if (r < 0)
		return r;
	b.place.read_only = m->to_read;
	r = -ESTALE;
	for (int i = 0; i < TRIES && r == -ESTALE; i++) {
		file_close(&b.fd);
		r = open_mailbox(&b, m);
		if (r == 0)
			r = m->lock(s, &b);
	}
	if (r < 0)
		box_done(&b);
	else
		*ret = b;
	return r == -ESTALE ? -EAGAIN : r;
}

int box_open(const struct store *s, struct slice mailbox, bool make,
	     uid_t owner, struct box *ret)
{
	const struct manner m = { .make = make,
				  .owner = owner,
				  .lock = box_lock };

	return open_in(s, mailbox, &m, ret);
}

int box_open_as_is(const struct store *s, struct slice mailbox, struct box *ret)
{
	const struct manner m = { .owner = (uid_t)-1, .lock = lock_as_is };

	return open_in(s, mailbox, &m, ret);
}

int box_open_to_read(const struct store *s, struct slice mailbox,
		     struct box *ret)
{
	const struct manner m = { .to_read = true,
				  .owner = (uid_t)-1,
				  .lock = box_lock };

	return open_in(s, mailbox, &m, ret);
}

void box_done(struct box *b)
{
	lock_release(&b->place, &b->lock);
	file_close(&b->notes);
	file_close(&b->fd);
	place_done(&b->place);
}
