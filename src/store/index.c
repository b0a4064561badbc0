/* SPDX-License-Identifier: ISC */
/* See index.h: is an index that lies there still true? Size and times of the
 * mailbox tell; where it has only grown, its content has to. */
#include "store/index.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "mail/mboxrd.h"
#include "store/index_build.h"
#include "store/notes.h"
#include "store/scan.h"

#define NAME       ".index"
#define HEAD_BLOCK ((size_t)64 << 10)
#define SAMPLES    16

void index_close(struct index *x)
{
	if (!x)
		return;
	if (x->fresh)
		index_unlink_new(&x->place);
	file_close(&x->fd);
	file_close(&x->uidl);
	free(x->sieve);
	free(x);
}

uint64_t index_count(const struct index *x)
{
	return x->header.n;
}

uint64_t index_octets(const struct index *x)
{
	return x->header.octets;
}

uint64_t index_unread(const struct index *x)
{
	return x->header.unread;
}

uint64_t index_size(const struct index *x)
{
	return x->header.identity.size;
}

bool index_goes_on(const struct index *now, const struct index *was)
{
	struct stat a, b;

	/* a new index is another file; the one of old is still open */
	return fstat(now->fd, &a) == 0 && fstat(was->fd, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool index_has_twins(const struct index *x)
{
	return x->header.odd > 0;
}

bool index_was_warm(const struct index *x)
{
	return x->warm;
}

bool index_was_extended(const struct index *x)
{
	return x->extended;
}

void index_drop(const struct place *p)
{
	struct place_file f = place_beside(p, NAME);

	if (p->side >= 0)
		ignore(file_unlink(p->side, f.name));
}

/* ---- one entry ---- */

static int cell_of(struct index *x, uint64_t i, struct index_cell *ret)
{
	struct index_cell *cell;
	int r = index_cell(x, x->header.n, i, &cell);

	if (r < 0)
		return r;
	*ret = *cell;
	return 0;
}

/* Nothing in it may lead out of the mailbox. */
static bool is_sane(const struct index_entry *e, uint64_t size)
{
	return e->from < e->start && e->start <= e->body && e->body <= e->end &&
	       e->end <= e->next && e->next <= size &&
	       e->header_octets <= e->octets && e->octets <= 2 * size + 2;
}

static int entry_of(struct index *x, uint64_t i, struct index_entry *ret)
{
	struct index_cell next = { .from = index_size(x) }, c;
	int r = i < x->header.n ? cell_of(x, i, &c) : -EINVAL;

	if (r == 0 && i + 1 < x->header.n)
		r = cell_of(x, i + 1, &next);
	if (r < 0)
		return r;
	*ret = (struct index_entry){
		.from = c.from,
		.start = c.from + c.head_n,
		.body = c.body,
		.end = next.from - c.tail_n,
		.next = next.from,
		.octets = c.octets,
		.header_octets = c.header_octets,
		.lines = c.lines,
		.number = c.number,
		.uidl = c.uidl,
		.read = c.read != 0,
	};
	memcpy(ret->digest, c.digest, sizeof(ret->digest));
	return is_sane(ret, index_size(x)) ? 0 : -EBADMSG;
}

int index_get(struct index *x, uint64_t i, struct index_entry *ret)
{
	int r = entry_of(x, i, ret);

	if (r == -EBADMSG)
		index_drop(&x->place);
	return r;
}

/* ---- is it true? ---- */

static bool digest_is(const char *hex, const uint8_t digest[INDEX_DIGEST])
{
	char text[2 * INDEX_DIGEST + 1];

	for (size_t i = 0; i < INDEX_DIGEST; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return memcmp(hex, text, sizeof(text) - 1) == 0;
}

/* A header can be as large as the mailbox: a block at a time. */
static int push_head(struct mbox_scan *s, const struct index_entry *e,
		     int mailbox)
{
	size_t n = e->body - e->from < HEAD_BLOCK ? (size_t)(e->body - e->from)
						  : HEAD_BLOCK;
	char *block = malloc(n);
	int r = block ? 0 : -ENOMEM;

	for (uint64_t at = e->from; r == 0 && at < e->body; at += n) {
		ssize_t got;

		if (n > e->body - at)
			n = (size_t)(e->body - at);
		got = file_read_at(mailbox, block, n, at);
		if (got < (ssize_t)n)
			r = got < 0 ? (int)got : -EBADMSG;
		else
			r = mbox_scan_push(s, (struct slice){ block, n });
	}
	free(block);
	return r;
}

static int end_head(struct mbox_scan *s, const struct index_entry *e,
		    int mailbox, char ret[65])
{
	uint64_t octets = e->end - e->body;
	char start[MBOX_BODY_MAX];
	size_t n = octets < sizeof(start) ? (size_t)octets : sizeof(start);
	ssize_t got = file_read_at(mailbox, start, n, e->body);
	const struct mbox_body body = { { start, n }, n == octets };

	if (got < (ssize_t)n)
		return got < 0 ? (int)got : -EBADMSG;
	return mbox_head_end(s, e->octets - e->header_octets, &body, ret);
}

static int verify_head(const struct index_entry *e, int mailbox)
{
	struct mbox_scan *s = mbox_head_new();
	char found[65] = "";
	int r = s ? push_head(s, e, mailbox) : -ENOMEM;

	if (r == 0)
		r = end_head(s, e, mailbox, found);
	mbox_scan_free(s);
	if (r == -EBADMSG)
		return -ESTALE;
	return r < 0 ? r : digest_is(found, e->digest) ? 0 : -ESTALE;
}

int index_verify(struct index *x, uint64_t i, int mailbox)
{
	struct index_entry e;
	int r = index_get(x, i, &e);

	return r == 0 ? verify_head(&e, mailbox) : r;
}

static bool same(const struct index_identity *a, const struct index_identity *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool index_holds(const struct index *x, int mailbox)
{
	const struct index_identity *was = &x->header.identity;
	struct stat st;

	return fstat(mailbox, &st) == 0 && st.st_ino == was->inode &&
	       (uint64_t)st.st_size == was->size &&
	       (uint64_t)st.st_mtim.tv_sec == was->mtime_s &&
	       (uint64_t)st.st_mtim.tv_nsec == was->mtime_ns &&
	       (uint64_t)st.st_ctim.tv_sec == was->ctime_s &&
	       (uint64_t)st.st_ctim.tv_nsec == was->ctime_ns;
}

static struct mark_state state_of(const struct index_identity *i)
{
	const uint64_t ns = 1000000000;

	return (struct mark_state){
		.size = i->size,
		.mtime_ns = i->mtime_s * ns + i->mtime_ns,
		.ctime_ns = i->ctime_s * ns + i->ctime_ns,
	};
}

/* Grown, and nothing else that can be seen from outside. */
static bool has_grown(const struct index_identity *was,
		      const struct index_identity *is)
{
	return was->inode == is->inode && was->size < is->size &&
	       was->uidl_inode == is->uidl_inode &&
	       was->uidl_size == is->uidl_size &&
	       was->uidl_ctime_s == is->uidl_ctime_s &&
	       was->uidl_ctime_ns == is->uidl_ctime_ns;
}

/* The last message, and some before: a mailbox that was rewritten has them
 * elsewhere. */
static int sample(struct index *x, int mailbox, uint64_t n)
{
	uint64_t count = index_count(x);
	int r = 0;

	for (uint64_t i = 0; i < n && i < count && r == 0; i++)
		r = index_verify(x, count - 1 - i * (count - 1) / n, mailbox);
	return r;
}

/* Does a From_ line stand at each place where a message begins? */
static int look_at_all(struct index *x, int mailbox)
{
	struct index_entry e;
	char text[6];
	int r = 0;

	for (uint64_t i = 0; i < index_count(x) && r == 0; i++) {
		uint64_t back;
		ssize_t n = 0;

		r = index_get(x, i, &e);
		back = e.from > 0 ? 1 : 0;
		if (r == 0)
			n = file_read_at(mailbox, text, 5 + back,
					 e.from - back);
		if (n < 0)
			return (int)n;
		if (r == 0 &&
		    !slice_eq((struct slice){ text, (size_t)n },
			      back ? SLICE("\nFrom ") : SLICE("From ")))
			r = -ESTALE;
	}
	return r;
}

/* Has the mailbox been written to but by appending, since the index was made?
 * What deliveries of ours noted tells; where others appended, too, they did
 * not, and its messages have to. 0: it does not look so, or -errno. */
static int look_for_edits(struct index *x, int mailbox,
			  const struct index_identity *now)
{
	int notes CLEANUP(file_close) = notes_open(&x->place, false);
	const struct mark_state is = state_of(now);
	const struct mark_state was = state_of(&x->header.identity);
	struct mark m;

	if (notes < 0 || notes_mark(notes, &m) <= 0 ||
	    !mark_state_is(&m.left, &is) || m.since.size > was.size)
		return look_at_all(x, mailbox);
	/* or the index was made between two of them */
	return mark_state_is(&m.since, &was) ||
			       (was.size > m.since.size &&
				was.ctime_ns >= m.since.ctime_ns)
		       ? 0
		       : -ESTALE;
}

/* May a message begin so? As the scanner decides, who comes from before. */
static bool begins_here(struct slice s, uint64_t at)
{
	s = slice_upto(s, slice_find(s, '\n'));
	return at == 0 ? slice_starts(s, SLICE("From ")) : mboxrd_is_from(s);
}

/* What was appended begins with a From_ line behind an empty one. 1 and where,
 * 0 (not so), or -errno. */
static int find_seam(const struct index *x, int mailbox, uint64_t *ret)
{
	uint64_t at = index_size(x);
	size_t back = at < 3 ? (size_t)at : 3;
	char text[3 + MBOX_FRONT_MAX];
	ssize_t n = file_read_at(mailbox, text, sizeof(text), at - back);
	struct slice s = { text, n < 0 ? 0 : (size_t)n };

	if (n < 0)
		return (int)n;
	if (at > 0 && !slice_ends(slice_upto(s, back), SLICE("\n\n")) &&
	    !slice_ends(slice_upto(s, back), SLICE("\n\r\n")))
		return 0;
	*ret = at;
	return begins_here(slice_from(s, back), at);
}

/* ---- opening ---- */

int index_read(const struct place *p, struct index **ret)
{
	struct index *x = calloc(1, sizeof(*x));
	int r = x ? 0 : -ENOMEM;

	if (r == 0) {
		x->place = *p;
		x->uidl = -1;
		x->named = true;
		x->fd = place_open_beside(p, NAME, false);
		r = x->fd < 0 ? x->fd : index_read_header(x->fd, &x->header);
	}
	if (r < 0)
		index_close(x);
	else
		*ret = x;
	return r;
}

/* Add what was appended. While it lasts the header tells of before. */
static int extend(struct index *x, int mailbox, uint64_t at, uint64_t size)
{
	uint64_t first = x->header.n;
	int r = index_scan(x, mailbox, at, size);

	return r == 0 ? index_finish(x, mailbox, first) : r;
}

/* 1: it holds now; 0: it cannot be used. */
static int bring_up(struct index *x, int mailbox)
{
	struct index_identity now;
	uint64_t seam = 0;
	int r = index_identify(&x->place, mailbox, &now);

	if (r < 0)
		return r;
	if (same(&now, &x->header.identity)) {
		x->warm = true;
		return sample(x, mailbox, 1) == 0;
	}
	if (!has_grown(&x->header.identity, &now) || index_count(x) == 0 ||
	    find_seam(x, mailbox, &seam) <= 0 ||
	    sample(x, mailbox, SAMPLES) < 0 ||
	    look_for_edits(x, mailbox, &now) < 0)
		return 0;
	x->extended = true;
	return extend(x, mailbox, seam, now.size) == 0;
}

static int make_anew(const struct place *p, int mailbox, struct index **ret)
{
	struct index *x = NULL;
	struct stat st;
	int r = fstat(mailbox, &st) < 0 ? -errno : index_new(p, &x);

	if (r == 0)
		r = index_scan(x, mailbox, 0, (uint64_t)st.st_size);
	if (r == 0)
		r = index_finish(x, mailbox, 0);
	if (r < 0)
		index_close(x);
	else
		*ret = x;
	return r;
}

int index_open(const struct place *p, int mailbox, struct index **ret)
{
	struct index *x = NULL;
	int r = index_read(p, &x);

	if (r == 0)
		r = bring_up(x, mailbox);
	if (r > 0) {
		*ret = x;
		return 0;
	}
	index_close(x);
	return make_anew(p, mailbox, ret);
}

/* ---- counting only ---- */

static int count_one(void *context, const struct mbox_span *s)
{
	uint64_t *n = context;

	*n += !s->hidden;
	return 0;
}

int index_tally(const struct place *p, int mailbox, uint64_t *ret)
{
	struct index_identity now;
	struct index *x = NULL;
	uint64_t at = 0, n = 0;
	int r = index_identify(p, mailbox, &now);

	if (r == 0 && index_read(p, &x) == 0 &&
	    (same(&now, &x->header.identity) ||
	     (has_grown(&x->header.identity, &now) &&
	      find_seam(x, mailbox, &at) > 0))) {
		at = index_size(x);
		n = index_count(x);
	}
	index_close(x);
	if (r == 0 && at < now.size)
		r = scan_mailbox(mailbox, at, now.size, count_one, &n);
	if (r == 0)
		*ret = n;
	return r;
}

/* ---- after an expunge ---- */

struct shrink {
	struct index *old, *new;
	index_gone *gone;
	void *context;
	uint64_t removed; /* octets of the mailbox, so far */
	bool renumber;
};

static int keep_or_not(struct shrink *s, uint64_t i)
{
	struct index_cell c, next = { .from = index_size(s->old) };
	int r = cell_of(s->old, i, &c);

	if (r == 0 && i + 1 < s->old->header.n)
		r = cell_of(s->old, i + 1, &next);
	if (r < 0)
		return r;
	if (s->gone(s->context, i)) {
		s->removed += next.from - c.from;
		return 0;
	}
	c.from -= s->removed;
	c.body -= s->removed;
	if (s->renumber) {
		c.number = 1;
		c.uidl = 0;
	}
	return index_add(s->new, &c);
}

int index_shrink(struct index *x, int mailbox, bool renumber, index_gone *gone,
		 void *context)
{
	struct shrink s = {
		.old = x, .gone = gone, .context = context, .renumber = renumber
	};
	struct stat st;
	int r = index_new(&x->place, &s.new);

	for (uint64_t i = 0; r == 0 && i < x->header.n; i++)
		r = keep_or_not(&s, i);
	if (r == 0 && fstat(mailbox, &st) < 0)
		r = -errno;
	if (r == 0 && (uint64_t)st.st_size != index_size(x) - s.removed)
		r = -ESTALE;
	if (r == 0)
		r = index_finish(s.new, mailbox,
				 renumber ? 0 : s.new->header.n);
	index_close(s.new);
	return r;
}
