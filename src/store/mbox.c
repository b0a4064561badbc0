/* SPDX-License-Identifier: ISC */
/* See mbox.h. The file is never opened with O_APPEND, and no byte before its
 * old end is touched. The message is written under the lock and waited for
 * outside it: deliveries to one mailbox share the disk's flushes. */
#include "store/mbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "store/box.h"
#include "store/compose.h"
#include "store/expunge.h"
#include "store/extent.h"
#include "store/keeper.h"
#include "store/notes.h"

/* The disk may begin with a message while we note it and unlock. More might
 * fill its queue, and the lock would wait for that. */
#define START_MOST (64U << 10)

#define SPARE_OCTETS (1U << 20) /* of disk, for notes and other people */

/* One append under way. */
struct append {
	struct store *store;
	const struct mbox_message *message;
	struct box *box;
	struct stat stat; /* of the mailbox, before */
	struct mark mark;
	uint64_t at;      /* the old end of the mailbox */
	uint64_t end;     /* the new one */
	uint64_t durable; /* up to here all will be, once this is flushed */
	struct mbox_appended did;
};

/* 1, 0, or -errno. */
static int starts_with_from(int fd, uint64_t at)
{
	char start[5];
	ssize_t n = file_read_at(fd, start, sizeof(start), at);

	if (n < 0)
		return (int)n;
	return n == sizeof(start) && memcmp(start, "From ", n) == 0;
}

/* No mailbox? Then nothing of ours goes into it. Who empties one by `echo >`
 * leaves a line end. */
static int check_start(int fd, uint64_t size)
{
	uint64_t at = 0;
	int r = starts_with_from(fd, 0);

	if (r == 0) {
		r = extent_empty_lines(fd, &at);
		if (r == 0)
			r = at == size ? 1 : starts_with_from(fd, at);
	}
	return r < 0 ? r : r > 0 ? 0 : -EINVAL;
}

/* A mailbox without a mark gets one before our first byte: what is there is
 * not our doing, what comes will be looked at. */
static int first_mark(struct append *a)
{
	a->mark = (struct mark){ .era = 1, .whole = a->at, .durable = a->at };
	(void)snprintf(a->mark.boot, sizeof(a->mark.boot), "%s",
		       a->box->place.boot);
	return notes_set_mark(a->box->notes, &a->mark);
}

static int prepare(struct append *a, size_t *ret_pad)
{
	struct box *b = a->box;
	int r = fstat(b->fd, &a->stat) < 0 ? -errno : 0;

	a->at = (uint64_t)a->stat.st_size;
	if (r == 0)
		r = check_start(b->fd, a->at);
	if (r == 0)
		r = extent_missing_lfs(b->fd, a->at, ret_pad);
	if (r == 0 && b->marked)
		a->mark = b->mark;
	else if (r == 0)
		r = first_mark(a);
	return r < 0 ? r : notes_hold_mark(&b->place, b->notes, &a->mark);
}

/* Will it fit? Only where there is a limit must that be known before. */
static int admit(struct append *a, size_t pad)
{
	const struct quota *q = &a->message->quota;
	uint64_t length = 0;
	int r = 0;

	a->did.before.octets = a->at;
	if (!quota_any(q))
		return 0;
	if (q->octets > 0)
		r = compose_measure(&a->stat, pad, a->message, &length);
	return r < 0 ? r
		     : quota_admit(&a->box->place, a->box->fd, q, length,
				   &a->did.before, &a->did.after);
}

/* Should this fail too, the next opener finds what is torn. */
static void undo(const struct append *a)
{
	/* while a note says that it is there, it must be */
	if (a->message->once.n > 0 &&
	    notes_forget(a->box->notes, a->message->once) < 0)
		return;
	ignore(file_truncate(a->box->fd, a->at));
}

/* For whoever has an index of the mailbox: from where on to where nobody but
 * deliveries of ours has written. */
static int note_chain(struct append *a)
{
	const struct mark_state before = mark_state_of(&a->stat);
	struct stat after;

	if (fstat(a->box->fd, &after) < 0)
		return -errno;
	if (!mark_state_is(&a->mark.left, &before))
		a->mark.since = before;
	a->mark.left = mark_state_of(&after);
	return 0;
}

static int write_message(struct append *a)
{
	uint64_t length = 0;
	size_t pad = 0;
	int r = prepare(a, &pad);

	if (r < 0)
		return r;
	r = admit(a, pad);
	if (r < 0)
		return r;
	r = compose(a->box->fd, &a->stat, pad, a->message, &length);
	if (r == 0 && a->message->once.n > 0)
		r = notes_add(a->box->notes, a->message->once, a->mark.era,
			      a->at);
	if (r < 0) {
		undo(a);
		return r;
	}
	a->end = a->mark.whole = a->at + length;
	if (notes_least(a->box->notes, a->mark.era, &a->durable) < 0)
		a->durable = 0;
	if (a->durable > a->end)
		a->durable = a->end;
	a->did.now = true;
	a->did.at = a->at + pad;
	a->did.after.octets = a->end;
	if (length <= START_MOST)
		file_start(a->box->fd, a->at, length);
	r = note_chain(a);
	if (r == 0)
		r = notes_set_mark(a->box->notes, &a->mark);
	if (r < 0)
		undo(a);
	return r;
}

/* The disk refused: take the message out again. Others may have appended: then
 * the LFs before it stay, which their mail is in need of now. Or they moved it:
 * then it is left. */
static void take_back(const struct append *a)
{
	const struct box *b = a->box;
	struct range ours = { a->did.at, a->end };
	struct stat st;
	int r = box_lock(a->store, a->box);

	if (r < 0)
		return;
	r = fstat(b->fd, &st) == 0 &&
			    compose_stands(b->fd, st.st_ino, a->at, a->end)
		    ? 0
		    : -ESTALE;
	/* while a note says that it is there, it must be */
	if (r == 0 && a->message->once.n > 0)
		r = notes_forget(b->notes, a->message->once);
	if (r == 0)
		/* at the end also on a full disk, which has no room for a
		 * journal; half done it is torn */
		ignore((uint64_t)st.st_size == a->end
			       ? file_truncate(b->fd, a->at)
			       : expunge_range(&b->place, b->fd, &ours));
	box_unlock(a->box);
}

/* Outside the lock. */
static int make_durable(const struct append *a)
{
	int r = file_sync(a->box->fd);

	if (r < 0)
		take_back(a);
	else
		ignore(notes_durable(a->box->notes, a->mark.era, a->durable));
	return r;
}

/* 1: it was done before, and may not have been flushed. */
static int append_locked(struct append *a)
{
	struct box *b = a->box;
	int r = 0;

	if (b->notes < 0)
		b->notes = notes_open(&b->place, true);
	if (b->notes < 0)
		return b->notes;
	if (a->message->once.n > 0)
		r = notes_find(b->notes, a->message->once);
	return r != 0 ? r : write_message(a);
}

int mbox_append(struct store *s, struct slice mailbox,
		const struct mbox_message *m)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	struct append a = { .store = s, .message = m, .box = &b };
	int r;

	if (!notes_once_valid(m->once))
		return -EINVAL;
	if (s->keeper >= 0)
		return keeper_append(s, mailbox, m);
	r = box_open(s, mailbox, true, m->owner, &b);
	if (r < 0)
		return r;
	r = append_locked(&a);
	box_unlock(&b);
	if (r >= 0)
		r = r > 0 ? file_sync(b.fd) : make_durable(&a);
	if (r == 0 && m->ret_did)
		*m->ret_did = a.did;
	return r;
}

int mbox_append_forget(struct store *s, struct slice mailbox, struct slice once)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	int r;

	if (s->keeper >= 0)
		return keeper_forget(s, mailbox, once);
	r = box_open(s, mailbox, false, (uid_t)-1, &b);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (b.notes < 0)
		return b.notes == -ENOENT ? 0 : b.notes;
	return notes_forget(b.notes, once);
}

/* ---- would it go? ---- */

static int check_space(int dir, uint64_t octets)
{
	struct statvfs v;
	uint64_t free_octets;

	if (fstatvfs(dir, &v) < 0)
		return -errno;
	if (__builtin_mul_overflow((uint64_t)v.f_bavail, (uint64_t)v.f_frsize,
				   &free_octets))
		return 0;
	if (free_octets < SPARE_OCTETS || free_octets - SPARE_OCTETS < octets)
		return -ENOSPC;
	return 0;
}

static int check_access(int dir, const char *name)
{
	return faccessat(dir, name, R_OK | W_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int check_mailbox(const struct place *p)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? check_access(p->dir, ".") : -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_nlink > 1)
		return -EMLINK;
	return check_access(p->dir, p->name);
}

int mbox_may_append(struct store *s, struct slice mailbox, uint64_t octets)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int r = place_open(s, mailbox, false, &p);

	if (r == -ENOENT) /* its domain's directory will be made */
		r = check_access(s->dir, ".");
	else if (r == 0)
		r = check_mailbox(&p);
	return r == 0 ? check_space(s->dir, octets) : r;
}
