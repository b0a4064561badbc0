/* SPDX-License-Identifier: ISC */
/* See torn.h; doc/store.md has the argument. A crash leaves of an append that
 * was never flushed any of its sectors, or of a process that died a first
 * part. Octets that did not arrive are zeros up to the end of their sector. */
#include "store/torn.h"

#include <sys/stat.h>

#include "mail/mboxrd.h"
#include "store/expunge.h"
#include "store/extent.h"
#include "store/notes.h"
#include "store/sealed.h"

#define WINDOW  65536
#define OVERLAP 8192 /* more than any From_ line and seal */

/* ---- the next From_ line ---- */

/* Does a line of ours stand here, ^>+From ? A '>' in the middle of a line may
 * be the end of a torn one ("Return-Path: <a>"). */
static bool is_quoted(const char *start, const char *at)
{
	const char *mark = at;

	while (mark > start && mark[-1] == '>')
		mark--;
	return mark < at && (mark == start || mark[-1] == '\n');
}

static bool is_from(const char *at, const char *end)
{
	struct slice rest = { at, (size_t)(end - at) };

	return mboxrd_is_from(slice_upto(rest, slice_find(rest, '\n')));
}

/* Where in `bytes` does one begin? Behind a line that is torn it may stand in
 * the middle of that. */
static bool find_in(struct slice bytes, bool mid_line, size_t *ret)
{
	static const char mark[] = "\nFrom ";
	size_t skip = mid_line ? 1 : 0;
	const char *end = bytes.p + bytes.n, *at = bytes.p;

	while ((at = memmem(at, (size_t)(end - at), mark + skip, 6 - skip)) !=
	       NULL) {
		const char *from = at + 1 - skip;

		if (!(mid_line && is_quoted(bytes.p, from)) &&
		    is_from(from, end)) {
			*ret = (size_t)(from - bytes.p);
			return true;
		}
		at++;
	}
	return false;
}

int torn_find_from(int fd, uint64_t at, uint64_t size, bool mid_line,
		   uint64_t *ret)
{
	char *window = malloc(WINDOW);
	int r = window ? 0 : -ENOMEM;
	size_t found;

	for (; r == 0 && at < size; at += WINDOW - OVERLAP) {
		ssize_t n = file_read_at(fd, window, WINDOW, at);

		if (n < 0)
			r = (int)n;
		else if (find_in((struct slice){ window, (size_t)n }, mid_line,
				 &found)) {
			at += found;
			break;
		}
	}
	free(window);
	if (r == 0)
		*ret = at < size ? at : size;
	return r;
}

/* ---- is it torn? ---- */

struct walk {
	const struct place *place;
	int fd, notes;
	uint64_t size, inode, era;
	uint64_t whole; /* what begins before was seen whole once */
	bool same_boot;
	uint64_t at;     /* all before is settled */
	uint64_t from;   /* of the message looked at */
	uint64_t next;   /* behind it */
	uint64_t torn;   /* behind the last one that is torn, */
	size_t missing;  /* and what the one before that lacks at its end */
	bool repair;     /* note named deliveries that are whole */
	torn_seen *seen; /* told what is torn */
	void *context;
	char head[OVERLAP];
	size_t head_n;
};

enum look {
	LOOK_WHOLE,   /* sealed, and as the seal says; or padding */
	LOOK_FOREIGN, /* not ours, or edited since */
	LOOK_TORN,
};

static int find_next(struct walk *w, uint64_t skip, enum look what)
{
	return torn_find_from(w->fd, w->from + skip, w->size, what == LOOK_TORN,
			      &w->next);
}

/* Does it end as a message does, in an empty line? */
static bool ends_well(const struct walk *w)
{
	char end[2];

	return w->next >= sizeof(end) &&
	       file_read_at(w->fd, end, sizeof(end), w->next - sizeof(end)) ==
		       sizeof(end) &&
	       memcmp(end, "\n\n", sizeof(end)) == 0;
}

/* Sealed, for this place, but not as the seal says, and never seen whole: that
 * append did not end. Shorter: cut off. As long: torn if there is a hole, else
 * somebody edited it. */
static int look_at_unfinished(struct walk *w, const struct sealed *s,
			      enum look *ret)
{
	uint64_t skip = s->from_n + s->seal_n;
	int r = find_next(w, skip, LOOK_TORN);

	*ret = LOOK_TORN;
	if (r < 0 || w->next - s->from < s->seal.length)
		return r;
	r = extent_has_hole(w->fd, s->from, s->from + s->seal.length);
	if (r != 0)
		return r < 0 ? r : 0;
	*ret = LOOK_FOREIGN;
	return find_next(w, skip, LOOK_FOREIGN);
}

/* Seen whole in a boot that has ended: it may have been acknowledged, and
 * edited since. Only what a power cut leaves makes it torn, a hole or an end in
 * the middle. */
static int look_at_broken(struct walk *w, const struct sealed *s,
			  enum look *ret)
{
	uint64_t skip = s->from_n + s->seal_n, to;
	int r = find_next(w, skip, LOOK_FOREIGN);

	if (r < 0)
		return r;
	to = w->next - s->from < s->seal.length ? w->next
						: s->from + s->seal.length;
	r = extent_has_hole(w->fd, s->from, to);
	*ret = LOOK_FOREIGN;
	if (r < 0 || (r == 0 && ends_well(w)))
		return r;
	*ret = LOOK_TORN;
	return find_next(w, skip, LOOK_TORN);
}

static int look_at_seal(struct walk *w, struct sealed *s, struct slice line,
			enum look *ret)
{
	bool here = seal_parse(line, &s->seal) == 0 && sealed_here(s, w->inode);

	*ret = LOOK_FOREIGN;
	if (s->seal.length == 0)
		return find_next(w, s->from_n, LOOK_FOREIGN);
	if (!sealed_whole(w->fd, w->size, s))
		return !here ? find_next(w, s->from_n, LOOK_FOREIGN)
		       : w->from >= w->whole ? look_at_unfinished(w, s, ret)
					     : look_at_broken(w, s, ret);
	*ret = LOOK_WHOLE;
	w->next = w->from + s->seal.length;
	return here && s->seal.once[0] != '\0' && w->repair
		       ? notes_add(w->notes, slice_of(s->seal.once), w->era,
				   s->from)
		       : 0;
}

/* The message looked at, without the LFs by which another's program may have
 * ended what it found there; what was seen whole nobody had to end. */
static struct slice without_end(const struct walk *w, struct slice bytes)
{
	struct slice s = slice_upto(bytes, (size_t)(w->next - w->from));
	bool all = w->next - w->from <= bytes.n && w->from >= w->whole;

	for (int i = 0; all && i < 2 && s.n > 0 && s.p[s.n - 1] == '\n'; i++)
		s.n--;
	return s;
}

/* Is this line, which is all of a message but its From_ line, the first part
 * of its seal? Not if it may be somebody's mail: he may have sent an "X". */
static bool is_ended_seal(const struct walk *w, struct slice line)
{
	struct slice name = SLICE(SEAL_NAME ": ");
	uint64_t offset = w->from;
	struct seal s;

	if (line.n < sizeof("X-Postern") - 1 ||
	    !slice_eq(slice_upto(line, name.n), slice_upto(name, line.n)))
		return false;
	if (seal_parse(line, &s) < 0)
		return true;
	while (offset > s.offset)
		offset /= 10; /* the end of it is missing */
	return s.inode == w->inode && s.offset == offset &&
	       s.length > w->next - w->from;
}

/* How much of the line at `rest` may be a seal's first part, and no more of
 * it was written? */
static bool is_part_of_seal(struct slice rest, uint64_t next_n)
{
	static const char name[] = SEAL_NAME ": ";
	size_t n = slice_find(rest, '\n');
	size_t same = 0;

	if (n == rest.n || memchr(rest.p, '\0', n))
		n = 0; /* the end of the file, or a hole, in it */
	else if (next_n > n)
		return false; /* a whole line */
	while (same < sizeof(name) - 1 && same < rest.n &&
	       rest.p[same] == name[same])
		same++;
	return same == sizeof(name) - 1 || same == rest.n || same == next_n ||
	       rest.p[same] == '\0';
}

/* Is this From_ line, or what there is of it, all? Another's message may be
 * one, if an empty line follows: mail of no octets. */
static bool is_bare(const struct walk *w, struct slice line, size_t bare_n)
{
	return w->next - w->from <= line.n + 1 ||
	       (bare_n <= line.n && !mboxrd_is_from(line));
}

/* A From_ line of ours is one, wholly; the seal stands behind it. */
static int look_at_from(struct walk *w, struct slice bytes, enum look *ret)
{
	size_t lf = slice_find(bytes, '\n'), n;
	struct slice line = slice_upto(bytes, lf);
	struct slice rest = slice_from(bytes, lf + 1);
	struct sealed s = { .from = w->from, .from_n = lf + 1 };
	int r = find_next(w, 1, LOOK_TORN);

	*ret = LOOK_FOREIGN;
	if (r == 0 && lf == bytes.n && w->head_n == sizeof(w->head))
		return find_next(w, 0, LOOK_FOREIGN); /* none of ours */
	*ret = LOOK_TORN;
	if (r < 0 || lf == bytes.n || memchr(line.p, '\0', line.n))
		return r;
	n = without_end(w, bytes).n;
	if (is_bare(w, line, n) ||
	    is_part_of_seal(rest, w->next - w->from - s.from_n))
		return 0;
	s.seal_n = slice_find(rest, '\n') + 1;
	line = slice_upto(rest, s.seal_n - 1);
	return n == s.from_n + line.n && is_ended_seal(w, line)
		       ? 0
		       : look_at_seal(w, &s, line, ret);
}

/* Does `bytes`, which end where the file or the window does, begin as `want`,
 * as far as either goes? */
static bool begins_as(struct slice bytes, struct slice want)
{
	size_t n = bytes.n < want.n ? bytes.n : want.n;

	return n > 0 && memcmp(bytes.p, want.p, n) == 0;
}

/* No From_ line: a hole, or less of one than "From " with another's behind. */
static int look_at_junk(struct walk *w, struct slice bytes, enum look *ret)
{
	int r = find_next(w, 1, LOOK_TORN);

	*ret = LOOK_TORN;
	if (r < 0 || bytes.p[0] == '\0' ||
	    slice_starts(SLICE("From "), without_end(w, bytes)))
		return r;
	*ret = LOOK_FOREIGN;
	return find_next(w, 0, LOOK_FOREIGN);
}

/* What stands at w->at? */
static int look(struct walk *w, enum look *ret)
{
	struct slice bytes;
	size_t pad = 0;
	ssize_t n = file_read_at(w->fd, w->head, sizeof(w->head), w->at);

	if (n <= 0)
		return n < 0 ? (int)n : -EIO;
	w->head_n = (size_t)n;
	while (pad < w->head_n && w->head[pad] == '\n')
		pad++;
	w->from = w->at + pad;
	*ret = LOOK_WHOLE;
	w->next = w->from;
	if (pad > 2 || pad == w->head_n)
		return 0;
	bytes = (struct slice){ w->head + pad, w->head_n - pad };
	if (begins_as(bytes, SLICE("From ")))
		return look_at_from(w, bytes, ret);
	return look_at_junk(w, bytes, ret);
}

/* No append of ours is shorter: "From x Mon Nov 23 07:15:03 2026", and a seal
 * whose inode has one digit. */
#define SHORTEST (32 + 61)

/* The hole at the end of a message, where the next program has put the LFs that
 * end it: it does not go on to the end of a sector. Shorter than anything of
 * ours, it is not ours. */
static int hole_before_end(const struct walk *w, uint64_t *ret)
{
	char end[2];
	uint64_t to = w->next;
	int r;

	if (to - w->from < sizeof(end))
		return 0;
	if (file_read_at(w->fd, end, sizeof(end), to - sizeof(end)) !=
	    sizeof(end))
		return -EIO;
	for (size_t i = sizeof(end); i > 0 && end[i - 1] == '\n'; i--)
		to--;
	r = extent_hole(w->fd, w->from, to, ret);
	return r > 0 && to - *ret < SHORTEST ? 0 : r;
}

/* Behind a message that is not ours may begin one of which not even the From_
 * line has arrived: a hole, which ends with a sector (mail has no NULs, RFC
 * 5322 §3.5). 1: it goes from w->at to w->next. */
static int look_behind(struct walk *w)
{
	uint64_t hole = 0;
	int r = w->same_boot ? 0 : extent_hole(w->fd, w->from, w->next, &hole);

	if (r == 0 && !w->same_boot)
		r = hole_before_end(w, &hole);
	if (r <= 0)
		return r;
	w->at = w->from = hole;
	r = find_next(w, 1, LOOK_TORN);
	return r < 0 ? r : 1;
}

/* How many LFs are missing at the end of what stays before w->at? */
static int find_missing(struct walk *w)
{
	return w->at == w->torn ? 0
				: extent_missing_lfs(w->fd, w->at, &w->missing);
}

/* What is torn goes; but where another's mail follows, not the LFs that the
 * message before it needs at its end: our own padding, or what the other
 * program put there. */
static int tell_torn(struct walk *w)
{
	uint64_t from = w->at, to = w->next;
	bool is_last = to == w->size;
	int r = find_missing(w);
	char c = '\n';

	for (; !is_last && w->missing > 0 && from < w->from; w->missing--)
		from++;
	while (r == 0 && !is_last && w->missing > 0 && c == '\n') {
		r = file_read_at(w->fd, &c, 1, to - 1) == 1 ? 0 : -EIO;
		if (r == 0 && c == '\n') {
			w->missing--;
			to--;
		}
	}
	if (r == 0)
		w->seen(w->context, from, to);
	w->torn = w->next;
	return r;
}

static int step(struct walk *w)
{
	enum look what = LOOK_FOREIGN;
	int r = look(w, &what);

	if (r == 0 && what == LOOK_FOREIGN) {
		r = look_behind(w);
		if (r > 0)
			what = LOOK_TORN;
	}
	if (r >= 0 && what == LOOK_TORN)
		r = tell_torn(w);
	w->at = w->next;
	return r < 0 ? r : 0;
}

/* `how`: all but what the file says of itself. */
static int walk_all(const struct walk *how, uint64_t *ret_size)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct stat st;
	int r = w ? 0 : -ENOMEM;

	if (r == 0 && fstat(how->fd, &st) < 0)
		r = -errno;
	if (r == 0) {
		*w = *how;
		w->size = (uint64_t)st.st_size;
		w->inode = st.st_ino;
	}
	while (r == 0 && w->at < w->size)
		r = step(w);
	if (r == 0)
		*ret_size = w->size;
	free(w);
	return r;
}

/* ---- taking out ---- */

/* More than deliveries ever wait for one flush. What is more stays: it moves,
 * and then its seals are in their places no more. */
#define TORN_MOST 16384

struct found {
	struct range v[TORN_MOST];
	size_t n;
};

static void on_torn(void *context, uint64_t from, uint64_t to)
{
	struct found *f = context;

	if (f->n < TORN_MOST)
		f->v[f->n++] = (struct range){ from, to };
}

static int next_found(void *context, uint64_t from, struct range *ret)
{
	const struct found *f = context;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].from >= from) {
			*ret = f->v[i];
			return 1;
		}
	return 0;
}

/* All of them at once, and only after everything was looked at: what stays
 * moves, and then no seal is in its place any more. At the end a cut will do,
 * also on a full disk: half of it done, it is torn as before. */
static int cut(const struct walk *how, struct found *f, uint64_t size)
{
	const struct ranges all = { false, f, next_found };

	if (f->n == 0)
		return 0;
	return f->n == 1 && f->v[0].to == size
		       ? file_truncate(how->fd, f->v[0].from)
		       : expunge_ranges(how->place, how->fd, &all);
}

static int take_out(const struct walk *how)
{
	struct found *f = calloc(1, sizeof(*f));
	struct walk w = *how;
	uint64_t size;
	int r = f ? 0 : -ENOMEM;

	w.repair = true;
	w.seen = on_torn;
	w.context = f;
	if (r == 0)
		r = walk_all(&w, &size);
	if (r == 0)
		r = cut(how, f, size);
	free(f);
	return r;
}

/* ---- the mark ---- */

/* In another boot: was anything not flushed, or a note not forgotten? */
static bool is_in_doubt(const struct walk *how, const struct mark *m,
			uint64_t size)
{
	uint64_t least = 0;

	return !how->same_boot &&
	       (m->durable < size ||
		notes_least(how->notes, m->era, &least) < 0 ||
		least != UINT64_MAX);
}

/* All was looked at. If another boot has left doubts, or somebody has cut the
 * file below the mark, then everything is flushed, and with that they end. */
static int move_mark(const struct walk *how, struct mark *m)
{
	const struct place *p = how->place;
	uint64_t size;
	int r = notes_mark(how->notes, m);

	if (r >= 0)
		r = extent_size(how->fd, &size);
	if (r < 0)
		return r;
	(void)snprintf(m->boot, sizeof(m->boot), "%s", p->boot);
	if (size >= m->whole && !m->lost && !is_in_doubt(how, m, size)) {
		m->whole = size;
		return notes_set_mark(how->notes, m);
	}
	r = file_sync(how->fd);
	if (r == 0)
		r = file_sync(how->notes);
	m->durable = size;
	return r == 0 ? notes_lower_mark(p, how->notes, m, size) : r;
}

/* 1, 0 (there is none), or -errno. */
static int read_mark(int notes, struct mark *ret)
{
	if (notes < 0)
		return notes == -ENOENT ? 0 : notes;
	return notes_mark(notes, ret);
}

/* Where to begin: 1, 0 (nothing to do), or -errno. */
static int begin(struct walk *w, const struct mark *m)
{
	const char *boot = w->place->boot;
	uint64_t size;
	int r = extent_size(w->fd, &size);

	w->same_boot = boot[0] != '\0' && strcmp(m->boot, boot) == 0;
	w->era = m->era;
	w->whole = m->lost ? UINT64_MAX : m->whole;
	w->at = w->same_boot ? m->whole : m->durable;
	return r < 0 ? r : !(w->same_boot && m->whole == size);
}

static int repair(const struct walk *how, struct mark *m)
{
	int r = how->same_boot
			? 0
			: notes_distrust(how->notes, m->lost ? 0 : m->era);

	if (r == 0)
		r = take_out(how);
	return r == 0 ? move_mark(how, m) : r;
}

int torn_repair(const struct place *p, int fd, int notes, struct mark *ret)
{
	struct walk how = { .place = p, .fd = fd, .notes = notes };
	struct mark m;
	int r = read_mark(notes, &m);

	if (r <= 0)
		return r;
	r = begin(&how, &m);
	if (r > 0)
		r = repair(&how, &m);
	if (r < 0)
		return r;
	*ret = m;
	return 1;
}

int torn_survey(const struct place *p, int fd, torn_seen *seen, void *context)
{
	int notes CLEANUP(file_close) = notes_open(p, false);
	struct walk how = { .place = p,
			    .fd = fd,
			    .notes = notes,
			    .seen = seen,
			    .context = context };
	uint64_t size;
	struct mark m;
	int r = read_mark(notes, &m);

	if (r > 0)
		r = begin(&how, &m);
	return r > 0 ? walk_all(&how, &size) : r;
}
