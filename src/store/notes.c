/* SPDX-License-Identifier: ISC */
/* See notes.h: the records as text, and where they lie. */
#include "store/notes.h"

#include "base/clock.h"
#include "store/record.h"

#define MAGIC_MARK    "postern-mark-2"
#define MAGIC_DURABLE "postern-durable-1"
#define MAGIC_ONCE    "postern-once-2"
#define AT_MARK       0
#define AT_DURABLE    NOTES_RECORD
#define AT_ONCE       (2 * NOTES_RECORD)
#define AT_END        ((uint64_t)(NOTES_MOST + 2) * NOTES_RECORD)

int notes_open(const struct place *p, bool make)
{
	return place_open_beside(p, ".append", make);
}

static int put(int notes, uint64_t at, const char *text, int n)
{
	char record[NOTES_RECORD];

	record_seal((struct slice){ text, (size_t)n }, record, sizeof(record));
	return file_write_at(notes, (struct slice){ record, sizeof(record) },
			     at);
}

/* ---- the mark ---- */

static uint64_t ns_of(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

struct mark_state mark_state_of(const struct stat *st)
{
	return (struct mark_state){
		.size = (uint64_t)st->st_size,
		.mtime_ns = ns_of(st->st_mtim),
		.ctime_ns = ns_of(st->st_ctim),
	};
}

bool mark_state_is(const struct mark_state *a, const struct mark_state *b)
{
	return a->size == b->size && a->mtime_ns == b->mtime_ns &&
	       a->ctime_ns == b->ctime_ns;
}

static bool parse_state(struct slice *text, struct mark_state *ret)
{
	return record_number(text, &ret->size) &&
	       record_number(text, &ret->mtime_ns) &&
	       record_number(text, &ret->ctime_ns);
}

int notes_parse_mark(struct slice record, struct mark *ret)
{
	struct mark m = { .lost = false };
	struct slice text;
	char held[8];

	if (record.n != NOTES_RECORD || record_open(record, &text) < 0 ||
	    !slice_eq(slice_word(&text), SLICE(MAGIC_MARK)) ||
	    !record_number(&text, &m.era) || !record_number(&text, &m.whole) ||
	    !record_number(&text, &m.durable) ||
	    !record_word(&text, held, sizeof(held)) ||
	    !record_word(&text, m.boot, sizeof(m.boot)))
		return -EBADMSG;
	m.held = strcmp(held, "held") == 0;
	if (!parse_state(&text, &m.since) || !parse_state(&text, &m.left))
		m.since = m.left = (struct mark_state){ .size = 0 };
	*ret = m;
	return 0;
}

static int parse_durable(struct slice record, uint64_t *ret_era,
			 uint64_t *ret_upto)
{
	struct slice text;

	if (record_open(record, &text) < 0 ||
	    !slice_eq(slice_word(&text), SLICE(MAGIC_DURABLE)) ||
	    !record_number(&text, ret_era) || !record_number(&text, ret_upto))
		return -EBADMSG;
	return 0;
}

int notes_mark(int notes, struct mark *ret)
{
	char records[2 * NOTES_RECORD];
	ssize_t n = file_read_at(notes, records, sizeof(records), AT_MARK);
	struct slice second = { records + AT_DURABLE, NOTES_RECORD };
	uint64_t era = 0, upto = 0;
	struct mark m;

	if (n <= 0)
		return (int)n;
	memset(records + n, 0, sizeof(records) - (size_t)n);
	if (n == sizeof(records) && parse_durable(second, &era, &upto) < 0)
		era = 0;
	if (notes_parse_mark((struct slice){ records, NOTES_RECORD }, &m) < 0)
		m = (struct mark){ .era = era + 1, .boot = "-", .lost = true };
	else if (era == m.era && upto > m.durable)
		m.durable = upto;
	*ret = m;
	return 1;
}

int notes_set_mark(int notes, const struct mark *m)
{
	char text[NOTES_RECORD];
	int n = snprintf(
		text, sizeof(text),
		MAGIC_MARK " %llu %llu %llu %s %s %llu %llu %llu %llu %llu "
			   "%llu",
		(unsigned long long)m->era, (unsigned long long)m->whole,
		(unsigned long long)m->durable, m->held ? "held" : "new",
		m->boot[0] != '\0' ? m->boot : "-",
		(unsigned long long)m->since.size,
		(unsigned long long)m->since.mtime_ns,
		(unsigned long long)m->since.ctime_ns,
		(unsigned long long)m->left.size,
		(unsigned long long)m->left.mtime_ns,
		(unsigned long long)m->left.ctime_ns);

	return put(notes, AT_MARK, text, n);
}

int notes_durable(int notes, uint64_t era, uint64_t upto)
{
	char text[NOTES_RECORD];
	int n = snprintf(text, sizeof(text), MAGIC_DURABLE " %llu %llu",
			 (unsigned long long)era, (unsigned long long)upto);

	return put(notes, AT_DURABLE, text, n);
}

/* names: those that lead to it may not be on the disk yet. */
static int hold(const struct place *p, int notes, struct mark *m, bool names)
{
	int r = file_sync(notes);

	if (r == 0 && names)
		r = place_sync(p);
	if (r < 0)
		return r;
	m->held = true;
	return notes_set_mark(notes, m);
}

int notes_hold_mark(const struct place *p, int notes, struct mark *m)
{
	return m->held ? 0 : hold(p, notes, m, true);
}

int notes_lower_mark(const struct place *p, int notes, struct mark *m,
		     uint64_t size)
{
	bool names = !m->held;
	int r;

	m->era++;
	m->whole = size;
	if (m->durable > size)
		m->durable = size;
	m->held = m->lost = false;
	r = notes_set_mark(notes, m);
	return r == 0 ? hold(p, notes, m, names) : r;
}

/* ---- named deliveries ---- */

bool notes_once_valid(struct slice once)
{
	for (size_t i = 0; i < once.n; i++)
		if (once.p[i] <= ' ' || once.p[i] > '~')
			return false;
	return once.n <= NOTES_ONCE_MAX;
}

int notes_parse_once(struct slice record, struct note *ret)
{
	struct slice text;
	struct note n;

	if (record.n != NOTES_RECORD || record_open(record, &text) < 0 ||
	    !slice_eq(slice_word(&text), SLICE(MAGIC_ONCE)) ||
	    !record_number(&text, &n.us) || !record_number(&text, &n.era) ||
	    !record_number(&text, &n.start) ||
	    !record_word(&text, n.once, sizeof(n.once)) ||
	    !notes_once_valid(slice_of(n.once)))
		return -EBADMSG;
	*ret = n;
	return 0;
}

/* Look at each place, those that are free too (note == NULL); the last is at
 * the file's end. 0 or the first error. */
typedef int visit(void *context, int notes, const struct note *n, uint64_t at);

static int each(int notes, visit *look_at, void *context)
{
	char block[8 * NOTES_RECORD];
	uint64_t at = AT_ONCE;
	struct note note;
	ssize_t n;
	int r = 0;

	do {
		n = file_read_at(notes, block, sizeof(block), at);
		for (ssize_t i = 0; r == 0 && i + NOTES_RECORD <= n;
		     i += NOTES_RECORD, at += NOTES_RECORD) {
			struct slice record = { block + i, NOTES_RECORD };
			bool is = notes_parse_once(record, &note) == 0;

			r = look_at(context, notes, is ? &note : NULL, at);
		}
	} while (n == sizeof(block) && r == 0 && at < AT_END);
	if (r < 0 || n < 0)
		return r < 0 ? r : (int)n;
	return look_at(context, notes, NULL, at);
}

struct search {
	struct slice once;
	uint64_t found;  /* where it is, or 0 */
	uint64_t free;   /* the first place that is free */
	uint64_t oldest; /* the record that was made first */
	uint64_t oldest_us;
};

static int search_one(void *context, int notes, const struct note *n,
		      uint64_t at)
{
	struct search *s = context;

	(void)notes;
	if (!n) {
		if (s->free == 0)
			s->free = at;
		return 0;
	}
	if (slice_eq(slice_of(n->once), s->once))
		s->found = at;
	if (n->us < s->oldest_us) {
		s->oldest_us = n->us;
		s->oldest = at;
	}
	return 0;
}

static int search(int notes, struct slice once, struct search *ret)
{
	*ret = (struct search){ .once = once, .oldest_us = UINT64_MAX };
	return each(notes, search_one, ret);
}

int notes_find(int notes, struct slice once)
{
	struct search s;
	int r = search(notes, once, &s);

	return r < 0 ? r : s.found != 0;
}

int notes_add(int notes, struct slice once, uint64_t era, uint64_t start)
{
	char text[NOTES_RECORD];
	struct search s;
	int r = search(notes, once, &s);
	int n = snprintf(text, sizeof(text), MAGIC_ONCE " %llu %llu %llu %.*s",
			 (unsigned long long)clock_real_us(),
			 (unsigned long long)era, (unsigned long long)start,
			 SLICE_ARG(once));

	if (r < 0)
		return r;
	if (s.found != 0)
		s.free = s.found;
	else if (s.free >= AT_END)
		s.free = s.oldest;
	return put(notes, s.free, text, n);
}

static int forget(int notes, uint64_t at)
{
	return put(notes, at, "", 0);
}

int notes_forget(int notes, struct slice once)
{
	struct search s;
	int r = search(notes, once, &s);

	return r < 0 || s.found == 0 ? r : forget(notes, s.found);
}

struct distrust {
	uint64_t era;
	bool any;
};

static int distrust_one(void *context, int notes, const struct note *n,
			uint64_t at)
{
	struct distrust *d = context;

	/* before an era ends, all of it and its notes are flushed */
	if (!n || n->era < d->era)
		return 0;
	d->any = true;
	return forget(notes, at);
}

int notes_distrust(int notes, uint64_t era)
{
	struct distrust d = { .era = era };
	int r = each(notes, distrust_one, &d);

	return r == 0 && d.any ? file_sync(notes) : r;
}

struct least {
	uint64_t era, start;
};

static int least_one(void *context, int notes, const struct note *n,
		     uint64_t at)
{
	struct least *l = context;

	(void)notes;
	(void)at;
	if (n && n->era >= l->era && n->start < l->start)
		l->start = n->start;
	return 0;
}

int notes_least(int notes, uint64_t era, uint64_t *ret)
{
	struct least l = { era, UINT64_MAX };
	int r = each(notes, least_one, &l);

	*ret = l.start;
	return r;
}

struct telling {
	notes_seen *seen;
	void *context;
};

static int tell_one(void *context, int notes, const struct note *n, uint64_t at)
{
	const struct telling *t = context;

	(void)notes;
	(void)at;
	if (n)
		t->seen(t->context, slice_of(n->once));
	return 0;
}

int notes_walk(int notes, notes_seen *seen, void *context)
{
	struct telling t = { seen, context };

	return each(notes, tell_one, &t);
}
