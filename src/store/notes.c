/* SPDX-License-Identifier: ISC */
/* See notes.h: the records as text, and where they lie. */
#include "store/notes.h"

#include "base/clock.h"
#include "store/record.h"

#define MAGIC_MARK    "postern-mark-1"
#define MAGIC_DURABLE "postern-durable-1"
#define MAGIC_ONCE    "postern-once-1"
#define AT_MARK       0
#define AT_DURABLE    NOTES_RECORD
#define AT_ONCE       (2 * NOTES_RECORD)

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

int notes_parse_mark(struct slice record, struct mark *ret)
{
	struct mark m;
	struct slice text;

	if (record.n != NOTES_RECORD || record_open(record, &text) < 0 ||
	    !slice_eq(slice_word(&text), SLICE(MAGIC_MARK)) ||
	    !record_number(&text, &m.era) || !record_number(&text, &m.whole) ||
	    !record_number(&text, &m.durable) ||
	    !record_word(&text, m.boot, sizeof(m.boot)))
		return -EBADMSG;
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
	uint64_t era, upto;
	struct mark m;

	if (n < 0)
		return (int)n;
	if (n < NOTES_RECORD ||
	    notes_parse_mark((struct slice){ records, NOTES_RECORD }, &m) < 0)
		return 0;
	if (n == sizeof(records) &&
	    parse_durable((struct slice){ records + AT_DURABLE, NOTES_RECORD },
			  &era, &upto) == 0 &&
	    era == m.era && upto > m.durable)
		m.durable = upto;
	*ret = m;
	return 1;
}

int notes_set_mark(int notes, const struct mark *m)
{
	char text[NOTES_RECORD];
	int n = snprintf(text, sizeof(text), MAGIC_MARK " %llu %llu %llu %s",
			 (unsigned long long)m->era,
			 (unsigned long long)m->whole,
			 (unsigned long long)m->durable,
			 m->boot[0] != '\0' ? m->boot : "-");

	return put(notes, AT_MARK, text, n);
}

int notes_durable(int notes, uint64_t era, uint64_t upto)
{
	char text[NOTES_RECORD];
	int n = snprintf(text, sizeof(text), MAGIC_DURABLE " %llu %llu",
			 (unsigned long long)era, (unsigned long long)upto);

	return put(notes, AT_DURABLE, text, n);
}

int notes_lower_mark(int notes, struct mark *m, uint64_t size)
{
	int r;

	m->era++;
	m->whole = size;
	if (m->durable > size)
		m->durable = size;
	r = notes_set_mark(notes, m);
	return r == 0 ? file_sync(notes) : r;
}

int notes_first_mark(const struct place *p, int notes, const struct mark *m)
{
	int r = notes_set_mark(notes, m);

	if (r == 0)
		r = file_sync(notes);
	return r == 0 ? file_sync_dir(p->side) : r;
}

/* ---- named deliveries ---- */

bool notes_once_valid(struct slice once)
{
	for (size_t i = 0; i < once.n; i++)
		if (once.p[i] <= ' ' || once.p[i] > '~')
			return false;
	return once.n <= NOTES_ONCE_MAX;
}

int notes_parse_once(struct slice record, char ret[NOTES_ONCE_MAX + 1],
		     uint64_t *ret_us)
{
	char once[NOTES_ONCE_MAX + 1];
	struct slice text;
	uint64_t us;

	if (record.n != NOTES_RECORD || record_open(record, &text) < 0 ||
	    !slice_eq(slice_word(&text), SLICE(MAGIC_ONCE)) ||
	    !record_number(&text, &us) ||
	    !record_word(&text, once, sizeof(once)) ||
	    !notes_once_valid(slice_of(once)))
		return -EBADMSG;
	memcpy(ret, once, sizeof(once));
	*ret_us = us;
	return 0;
}

/* What a walk over the named deliveries looks for. */
struct search {
	struct slice once;
	uint64_t found;  /* where it is, or 0 */
	uint64_t free;   /* the first place that is free, the file's end too */
	uint64_t oldest; /* the record that was made first */
	uint64_t oldest_us;
};

static void look_at(struct search *s, struct slice record, uint64_t at)
{
	char once[NOTES_ONCE_MAX + 1];
	uint64_t us;

	if (notes_parse_once(record, once, &us) < 0) {
		if (s->free == 0)
			s->free = at;
		return;
	}
	if (slice_eq(slice_of(once), s->once))
		s->found = at;
	if (us < s->oldest_us) {
		s->oldest_us = us;
		s->oldest = at;
	}
}

static int search(int notes, struct search *s)
{
	char block[8 * NOTES_RECORD];
	uint64_t at = AT_ONCE;
	ssize_t n;

	do {
		n = file_read_at(notes, block, sizeof(block), at);
		for (ssize_t i = 0; i + NOTES_RECORD <= n; i += NOTES_RECORD)
			look_at(s, (struct slice){ block + i, NOTES_RECORD },
				at + (uint64_t)i);
		at += n > 0 ? (uint64_t)n : 0;
	} while (n == sizeof(block));
	if (n < 0)
		return (int)n;
	if (s->free == 0)
		s->free = at - at % NOTES_RECORD;
	return 0;
}

int notes_find(int notes, struct slice once)
{
	struct search s = { .once = once, .oldest_us = UINT64_MAX };
	int r = search(notes, &s);

	return r < 0 ? r : s.found != 0;
}

int notes_add(int notes, struct slice once)
{
	struct search s = { .once = once, .oldest_us = UINT64_MAX };
	char text[NOTES_RECORD];
	int r = search(notes, &s);
	int n = snprintf(text, sizeof(text), MAGIC_ONCE " %llu %.*s",
			 (unsigned long long)clock_real_us(), SLICE_ARG(once));

	if (r < 0 || s.found != 0)
		return r;
	if (s.free >= (uint64_t)(NOTES_MOST + 2) * NOTES_RECORD)
		s.free = s.oldest;
	return put(notes, s.free, text, n);
}

int notes_forget(int notes, struct slice once)
{
	struct search s = { .once = once, .oldest_us = UINT64_MAX };
	int r = search(notes, &s);

	return r < 0 || s.found == 0 ? r : put(notes, s.found, "", 0);
}
