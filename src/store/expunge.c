/* SPDX-License-Identifier: ISC */
/* See expunge.h; the argument is in doc/store.md. Until the journal has its
 * name the mailbox is untouched; afterwards every opener brings it to the
 * same end. */
#include "store/expunge.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "store/extent.h"

#define JOURNAL ".expunge"
#define DRAFT   ".expunge.new"
#define ODD     ".expunge.odd"

static bool journal_whole(int journal, const struct expunge *e)
{
	uint64_t size;

	return extent_size(journal, &size) == 0 &&
	       size - EXPUNGE_HEADER == e->length &&
	       extent_is(journal, EXPUNGE_HEADER, e->length, e->kept);
}

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

static int open_draft(const struct place *p)
{
	int fd = place_open_beside(p, DRAFT, true);
	int r = fd < 0 ? fd : file_truncate(fd, 0);

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

/* The kept bytes, behind the room for the header. */
static int copy_kept(int fd, const struct range *r, size_t n, uint64_t size,
		     int journal, uint64_t *ret_length)
{
	uint64_t length = 0;
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		uint64_t from = r[i].to;
		uint64_t to = i + 1 < n ? r[i + 1].from : size;

		assert(r[i].from <= from && from <= to);
		if (from < to)
			err = file_copy(fd, from, journal,
					EXPUNGE_HEADER + length, to - from);
		length += to - from;
	}
	*ret_length = length;
	return err;
}

/* Fill in what the header says about the mailbox and the kept bytes. */
static int describe(int fd, int journal, struct expunge *e)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	e->inode = st.st_ino;
	e->old_size = (uint64_t)st.st_size;
	r = extent_digest(journal, EXPUNGE_HEADER, e->length, e->kept);
	if (r == 0)
		r = extent_digest(fd, e->start + e->length,
				  e->old_size - e->start - e->length, e->rest);
	return r;
}

static int forget(const struct place *p)
{
	struct place_file name = place_beside(p, JOURNAL);
	int r = file_unlink(p->side, name.name);

	return r == 0 ? file_sync_dir(p->side) : r;
}

/* The kept bytes into their place; cut what is behind them if it is still
 * there. Any number of times, from any point of an earlier try. The bytes are
 * on the disk before the cut, so that "cut" implies "in place". */
static int perform(const struct place *p, int fd, int journal,
		   const struct expunge *e)
{
	int r = file_copy(journal, EXPUNGE_HEADER, fd, e->start, e->length);

	if (r == 0)
		r = file_sync(fd);
	if (r == 0)
		r = file_truncate(fd, e->start + e->length);
	if (r == 0)
		r = file_sync(fd);
	return r == 0 ? forget(p) : r;
}

int expunge_ranges(const struct place *p, int fd, const struct range *r,
		   size_t n)
{
	struct expunge e = { .start = n > 0 ? r[0].from : 0 };
	int journal CLEANUP(file_close) = -1;
	uint64_t size;
	int err;

	if (n == 0)
		return 0;
	err = extent_size(fd, &size);
	if (err < 0)
		return err;
	if (n == 1 && r[0].to == size) { /* a cut is whole by itself */
		err = file_truncate(fd, r[0].from);
		return err == 0 ? file_sync(fd) : err;
	}
	journal = open_draft(p);
	if (journal < 0)
		return journal;
	err = copy_kept(fd, r, n, size, journal, &e.length);
	if (err == 0)
		err = describe(fd, journal, &e);
	if (err == 0)
		err = publish(p, journal, &e);
	if (err < 0) {
		drop_draft(p);
		return err;
	}
	return perform(p, fd, journal, &e);
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

/* Others appended to the mailbox between the crash and now: take it along. */
static int carry_along(const struct place *p, int fd, int journal,
		       uint64_t size, struct expunge e)
{
	int draft CLEANUP(file_close) = open_draft(p);
	uint64_t more = size - e.old_size;
	int r;

	if (draft < 0)
		return draft;
	r = file_copy(journal, EXPUNGE_HEADER, draft, EXPUNGE_HEADER, e.length);
	if (r == 0)
		r = file_copy(fd, e.old_size, draft, EXPUNGE_HEADER + e.length,
			      more);
	e.length += more;
	if (r == 0)
		r = describe(fd, draft, &e);
	if (r == 0)
		r = replace(p, draft, &e);
	return r == 0 ? perform(p, fd, draft, &e) : r;
}

static int redo(const struct place *p, int fd, int journal,
		const struct expunge *e)
{
	uint64_t size, end = e->start + e->length;
	int r = extent_size(fd, &size);

	if (r < 0)
		return r;
	if (size >= e->old_size &&
	    extent_is(fd, end, e->old_size - end, e->rest)) {
		if (size > e->old_size)
			return carry_along(p, fd, journal, size, *e);
		return perform(p, fd, journal, e);
	}
	if (size >= end && extent_is(fd, e->start, e->length, e->kept))
		return forget(p); /* cut already; what follows is others' */
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

int expunge_repair(const struct place *p, int fd)
{
	int journal CLEANUP(file_close) = place_open_beside(p, JOURNAL, false);
	struct expunge e;
	struct stat st;
	int r;

	if (journal < 0)
		return journal == -ENOENT ? 0 : journal;
	r = read_header(journal, &e);
	if (r < 0 && r != -EBADMSG)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (r < 0 || e.inode != st.st_ino || !journal_whole(journal, &e))
		return set_aside(p);
	return redo(p, fd, journal, &e);
}
