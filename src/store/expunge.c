/* SPDX-License-Identifier: ISC */
/* See expunge.h; the argument is in doc/store.md. Until the journal has its
 * name the mailbox is untouched; afterwards every opener brings it to the
 * same end. */
#include "store/expunge.h"

#include <assert.h>
#include <sys/stat.h>

#include "store/extent.h"
#include "store/mover.h"
#include "store/notes.h"
#include "store/uidl.h"

#define JOURNAL ".expunge"
#define DRAFT   ".expunge.new"
#define ODD     ".expunge.odd"

/* ---- the mark of what is durable ---- */

/* Before the commit: an era will end by it. Deliveries that still wait for
 * their flush get it here, and their notes, which are believed in the next
 * era: nobody finds their seals again where they will lie then. */
static int flush_appends(int fd, int notes)
{
	uint64_t least = 0;
	struct mark m;
	int r = notes < 0 ? 0 : notes_mark(notes, &m);

	if (r <= 0)
		return r;
	r = m.whole > m.durable ? file_sync(fd) : 0;
	if (r == 0)
		r = notes_least(notes, m.era, &least);
	return r == 0 && least != UINT64_MAX ? file_sync(notes) : r;
}

/* On the disk before anything is cut. What is behind the mark nobody has
 * called durable, nor will. Not before the commit: what stays behind it has
 * been seen to be whole, and should not be judged again if it fails. */
static int lower_mark(const struct place *p, uint64_t start)
{
	int notes CLEANUP(file_close) = notes_open(p, false);
	struct mark m;
	int r = notes < 0 ? notes : notes_mark(notes, &m);

	if (r <= 0)
		return r == -ENOENT ? 0 : r;
	return m.durable <= start && m.whole <= start
		       ? notes_hold_mark(p, notes, &m)
		       : notes_lower_mark(p, notes, &m, start);
}

/* All that is left has been flushed; of the notes we do not know. */
static int raise_mark(int notes, uint64_t size)
{
	uint64_t least;
	struct mark m;
	int r = notes < 0 ? 0 : notes_mark(notes, &m);

	if (r > 0)
		r = notes_least(notes, m.era, &least) < 0 ? 0 : 1;
	if (r <= 0)
		return r;
	m.whole = size;
	if (m.durable < size)
		m.durable = size < least ? size : least;
	return notes_set_mark(notes, &m);
}

/* ---- the journal ---- */

static int put_header(int journal, const struct expunge *e)
{
	char header[EXPUNGE_HEADER];

	expunge_format(e, header);
	return file_write_at(journal, (struct slice){ header, sizeof(header) },
			     0);
}

/* Name it: from here on the expunge will happen. */
static int publish(const struct place *p, int journal, const struct expunge *e)
{
	struct place_file draft = place_beside(p, DRAFT);
	struct place_file name = place_beside(p, JOURNAL);
	int r = put_header(journal, e);

	return r == 0 ? file_publish(journal, p->side, draft.name, p->side,
				     name.name)
		      : r;
}

/* Put it in the first one's place. Not by file_publish, which would take the
 * name back on failure: there must be a journal now. */
static int replace(const struct place *p, int journal, const struct expunge *e)
{
	struct place_file draft = place_beside(p, DRAFT);
	struct place_file name = place_beside(p, JOURNAL);
	int r = put_header(journal, e);

	if (r == 0)
		r = file_sync(journal);
	if (r == 0)
		r = file_rename(p->side, draft.name, p->side, name.name);
	return r == 0 ? file_sync_dir(p->side) : r;
}

static int open_draft(const struct place *p, uint64_t size)
{
	int fd = place_open_beside(p, DRAFT, true);
	int r = fd < 0 ? fd : file_truncate(fd, 0);

	/* a full disk is found out before anything is changed */
	if (r == 0)
		r = file_reserve(fd, EXPUNGE_HEADER + size);
	if (r < 0)
		file_close(&fd);
	return r < 0 ? r : fd;
}

/* A full disk gets its room back; what stays is overwritten next time. */
static void drop_draft(const struct place *p)
{
	struct place_file draft = place_beside(p, DRAFT);

	ignore(file_unlink(p->side, draft.name));
}

/* Walk over what stays behind the first range; with `m`, move it. */
static int walk_kept(const struct ranges *r, uint64_t start, uint64_t size,
		     struct mover *m, uint64_t *ret_length)
{
	uint64_t at = start, length = 0;
	struct range out;
	int more;

	while ((more = r->next(r->context, at, &out)) >= 0) {
		uint64_t to = more > 0 ? out.from : size;
		int err;

		assert(at <= to && to <= size);
		err = m ? mover_add(m, at, to - at) : 0;
		if (err < 0)
			return err;
		length += to - at;
		if (more == 0)
			break;
		assert(out.from < out.to && out.to <= size);
		at = out.to;
	}
	*ret_length = length;
	return more < 0 ? more : 0;
}

/* Move it, all of it, to `to`. */
static int move_kept(const struct ranges *r, const struct expunge *e,
		     uint64_t size, int fd, int to, uint64_t to_at)
{
	struct mover m;
	uint64_t length = 0;
	int err = mover_start(&m, fd, to, to_at, fd != to);

	if (err == 0)
		err = walk_kept(r, e->start, size, &m, &length);
	if (err == 0)
		err = mover_end(&m);
	mover_done(&m);
	return err == 0 && length != e->length ? -ESTALE : err;
}

/* Fill in what the header says about the mailbox. */
static int describe(int fd, struct expunge *e)
{
	uint64_t end = e->start + e->length;
	struct stat st;
	uint64_t rest;

	if (fstat(fd, &st) < 0)
		return -errno;
	e->inode = st.st_ino;
	e->old_size = (uint64_t)st.st_size;
	rest = e->old_size - end;
	return extent_digest(fd, end,
			     rest < EXPUNGE_SAMPLE ? rest : EXPUNGE_SAMPLE,
			     e->rest);
}

static int forget(const struct place *p, const struct expunge *e)
{
	struct place_file name = place_beside(p, JOURNAL);
	int r = e->uidl ? uidl_next_apply(p) : 0;

	/* gone before that is on the disk, nobody would do it again */
	if (r == 0 && e->uidl)
		r = file_sync_dir(p->side);
	if (r == 0)
		r = file_unlink(p->side, name.name);
	return r == 0 ? file_sync_dir(p->side) : r;
}

/* The kept bytes are in their place: cut what is behind them. They are on the
 * disk before the cut, so that "cut" implies "in place". */
static int cut_rest(const struct place *p, int fd, const struct expunge *e)
{
	int r = file_sync(fd);

	if (r == 0)
		r = lower_mark(p, e->start);
	if (r == 0)
		r = file_truncate(fd, e->start + e->length);
	if (r == 0)
		r = file_sync(fd);
	return r == 0 ? forget(p, e) : r;
}

/* From the journal: any number of times, from any point of an earlier try. */
static int redo_all(const struct place *p, int fd, int journal,
		    const struct expunge *e)
{
	int r = file_copy(journal, EXPUNGE_HEADER, fd, e->start, e->length);

	return r == 0 ? cut_rest(p, fd, e) : r;
}

/* ---- taking out ---- */

/* The journal, to its name. */
static int by_journal(const struct place *p, int fd, const struct ranges *r,
		      struct expunge *e, uint64_t size)
{
	int notes CLEANUP(file_close) = notes_open(p, false);
	int journal CLEANUP(file_close) = open_draft(p, e->length);
	int err = journal;

	if (err >= 0)
		err = move_kept(r, e, size, fd, journal, EXPUNGE_HEADER);
	if (err == 0)
		err = describe(fd, e);
	if (err == 0)
		err = flush_appends(fd, notes);
	if (err == 0)
		err = publish(p, journal, e);
	if (err < 0)
		drop_draft(p);
	return err;
}

int expunge_commit(const struct place *p, int fd, const struct ranges *r,
		   struct expunge *ret)
{
	struct expunge e = { .uidl = r->uidl };
	struct range first;
	uint64_t size;
	int err = extent_size(fd, &size);

	if (err == 0)
		err = r->next(r->context, 0, &first);
	if (err <= 0)
		return err;
	e.start = first.from;
	err = walk_kept(r, e.start, size, NULL, &e.length);
	if (err == 0)
		err = by_journal(p, fd, r, &e, size);
	if (err < 0)
		return err;
	*ret = e;
	return 1;
}

int expunge_finish(const struct place *p, int fd, const struct ranges *r,
		   const struct expunge *e)
{
	int notes CLEANUP(file_close) = notes_open(p, false);
	/* from within the mailbox: the journal need not be read for it */
	int err = move_kept(r, e, e->old_size, fd, fd, e->start);

	if (err == 0)
		err = cut_rest(p, fd, e);
	if (err == 0)
		/* it only saves looking: a low mark is a true one */
		ignore(raise_mark(notes, e->start + e->length));
	return err;
}

int expunge_ranges(const struct place *p, int fd, const struct ranges *r)
{
	struct expunge e;
	int err = expunge_commit(p, fd, r, &e);

	return err > 0 ? expunge_finish(p, fd, r, &e) : err;
}

static int next_of_one(void *context, uint64_t from, struct range *ret)
{
	const struct range *one = context;

	*ret = *one;
	return from <= one->from;
}

int expunge_range(const struct place *p, int fd, const struct range *r)
{
	struct range one = *r;
	const struct ranges all = { false, &one, next_of_one };

	return expunge_ranges(p, fd, &all);
}

/* ---- after a crash ---- */

/* Not what any crash of ours leaves: somebody rewrote the mailbox before we
 * came. His version stands; the journal is kept for the postmaster. */
static int set_aside(const struct place *p)
{
	struct place_file name = place_beside(p, JOURNAL);
	struct place_file odd = place_beside(p, ODD);

	return file_rename(p->side, name.name, p->side, odd.name);
}

/* Where begins what others appended? Behind LFs that only ended what goes, if
 * what stays ends well without them. */
static int find_others(int fd, int journal, const struct expunge *e,
		       uint64_t *ret)
{
	char lfs[2] = "";
	size_t was = 0, is = 0, n = 0;
	int r = extent_missing_lfs(fd, e->old_size, &was);

	if (r == 0)
		r = e->length > 0
			    ? extent_missing_lfs(
				      journal, EXPUNGE_HEADER + e->length, &is)
			    : extent_missing_lfs(fd, e->start, &is);
	if (r == 0 && file_read_at(fd, lfs, sizeof(lfs), e->old_size) < 0)
		r = -EIO;
	while (r == 0 && is + n < was && lfs[n] == '\n')
		n++;
	*ret = e->old_size + n;
	return r;
}

/* Others appended to the mailbox between the crash and now: take it along. */
static int carry_along(const struct place *p, int fd, int journal,
		       uint64_t size, struct expunge e)
{
	int draft CLEANUP(file_close) = -1;
	uint64_t others = 0;
	int r = find_others(fd, journal, &e, &others);

	if (r < 0)
		return r;
	r = draft = open_draft(p, e.length + size - others);
	if (r < 0)
		return r;
	r = file_copy(journal, EXPUNGE_HEADER, draft, EXPUNGE_HEADER, e.length);
	if (r == 0)
		r = file_copy(fd, others, draft, EXPUNGE_HEADER + e.length,
			      size - others);
	e.length += size - others;
	if (r == 0)
		r = describe(fd, &e);
	if (r == 0)
		r = replace(p, draft, &e);
	return r == 0 ? redo_all(p, fd, draft, &e) : r;
}

/* The rest is there: as it was, or with a hole, for what cuts a file fills the
 * last block up with zeros first. */
static bool rest_there(int fd, const struct expunge *e)
{
	uint64_t end = e->start + e->length;
	uint64_t n = e->old_size - end;

	if (n > EXPUNGE_SAMPLE)
		n = EXPUNGE_SAMPLE;
	return extent_is(fd, end, n, e->rest) ||
	       extent_has_hole(fd, end, end + n) > 0;
}

static int redo(const struct place *p, int fd, int journal,
		const struct expunge *e)
{
	uint64_t size, end = e->start + e->length;
	int r = extent_size(fd, &size);

	if (r < 0)
		return r;
	if (size >= e->old_size && rest_there(fd, e)) {
		if (size > e->old_size)
			return carry_along(p, fd, journal, size, *e);
		return redo_all(p, fd, journal, e);
	}
	if (size >= end &&
	    extent_same(fd, e->start, journal, EXPUNGE_HEADER, e->length)) {
		/* cut already; what follows is others' */
		r = file_sync(fd);
		return r == 0 ? forget(p, e) : r;
	}
	return set_aside(p);
}

static int read_header(int journal, struct expunge *ret)
{
	char header[EXPUNGE_HEADER];
	ssize_t n = file_read_at(journal, header, sizeof(header), 0);

	if (n < 0)
		return (int)n;
	return expunge_parse((struct slice){ header, (size_t)n }, ret);
}

static bool journal_whole(int journal, const struct expunge *e)
{
	uint64_t size;

	return extent_size(journal, &size) == 0 &&
	       size == EXPUNGE_HEADER + e->length;
}

int expunge_pending(const struct place *p)
{
	int journal CLEANUP(file_close) = place_open_beside(p, JOURNAL, false);

	return journal == -ENOENT ? 0 : journal < 0 ? journal : 1;
}

int expunge_repair(const struct place *p, int fd)
{
	int journal CLEANUP(file_close) = place_open_beside(p, JOURNAL, false);
	struct expunge e;
	struct stat st;
	int r;

	if (journal < 0)
		return journal == -ENOENT ? 0 : journal;
	/* whoever gave it its name may have died before the disk had that */
	r = file_sync_dir(p->side);
	if (r == 0)
		r = read_header(journal, &e);
	if (r < 0 && r != -EBADMSG)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (r < 0 || e.inode != st.st_ino || !journal_whole(journal, &e))
		return set_aside(p);
	return redo(p, fd, journal, &e);
}
