/* SPDX-License-Identifier: ISC */
/* See uidl.h. */
#include "store/uidl.h"

#include "store/index_file.h"
#include "store/uidl_file.h"
#include "store/uidl_table.h"

bool uidl_valid(struct slice uid)
{
	for (size_t i = 0; i < uid.n; i++)
		if (uid.p[i] < 0x21 || uid.p[i] > 0x7e)
			return false;
	return uid.n >= 1 && uid.n <= UIDL_MAX;
}

/* ---- one unique-id as text ---- */

void uidl_digest(const struct index_entry *e, char ret[UIDL_DIGEST + 1])
{
	static const char hex[] = "0123456789abcdef";
	char *p = ret;

	for (size_t i = 0; i < INDEX_DIGEST; i++) {
		*p++ = hex[e->digest[i] >> 4];
		*p++ = hex[e->digest[i] & 15];
	}
	*p = '\0';
}

static bool has(const struct index_uidl *ids, uint64_t at)
{
	return at >= ids->at && at + UIDL_MAX + 1 <= ids->at + ids->n;
}

/* The octets that have `at`; else those that were not needed for longest. */
static struct index_uidl *ids_for(struct index *x, uint64_t at)
{
	struct index_uidl *best = &x->ids[0];

	for (size_t i = 0; i < INDEX_ROWS; i++) {
		if (has(&x->ids[i], at)) {
			best = &x->ids[i];
			break;
		}
		if (x->ids[i].used < best->used)
			best = &x->ids[i];
	}
	best->used = ++x->ids_asked;
	return best;
}

/* What stands at `at` of NAME.uidl, a unique-id's length at least. */
static int read_given(struct index *x, uint64_t at, struct slice *ret)
{
	struct index_uidl *ids = ids_for(x, at);
	ssize_t n;

	if (!has(ids, at)) {
		n = file_read_at(x->uidl, ids->bytes, sizeof(ids->bytes), at);
		if (n < 0)
			return (int)n;
		ids->at = at;
		ids->n = (size_t)n;
	}
	*ret = slice_from((struct slice){ ids->bytes, ids->n },
			  (size_t)(at - ids->at));
	*ret = slice_upto(*ret, UIDL_MAX + 1);
	return 0;
}

static int given_text(struct index *x, uint64_t at, char ret[UIDL_MAX + 1])
{
	struct slice uid;
	int r;

	if (x->uidl < 0)
		x->uidl = place_open_beside(&x->place, UIDL_FILE, false);
	if (x->uidl < 0)
		return x->uidl == -ENOENT ? -EBADMSG : x->uidl;
	r = read_given(x, at, &uid);
	if (r < 0)
		return r;
	uid = slice_upto(uid, slice_find(uid, '\n'));
	if (!uidl_valid(uid)) {
		index_drop(&x->place); /* a new one does without it */
		return -EBADMSG;
	}
	memcpy(ret, uid.p, uid.n);
	ret[uid.n] = '\0';
	return 0;
}

int uidl_text(struct index *x, const struct index_entry *e,
	      char ret[UIDL_MAX + 1])
{
	if (e->uidl > 0)
		return given_text(x, e->uidl, ret);
	uidl_digest(e, ret);
	if (e->number != 1)
		(void)snprintf(ret + UIDL_DIGEST, 16, ".%u",
			       (unsigned)e->number);
	return 0;
}

/* ---- numbering ---- */

static int number_one(struct index *x, struct uidl_table *t, uint64_t i,
		      bool is_new)
{
	struct index_cell *cell;
	struct uidl_slot *slot;
	struct uidl_rule rule;
	int r = index_cell(x, x->header.n, i, &cell);

	if (r < 0)
		return r;
	slot = uidl_table_slot(t, uidl_tag(cell->digest));
	if (!slot)
		return 0;
	r = uidl_judge(t, slot, &rule);
	if (r < 0 || !is_new || (rule.number == 1 && rule.uid_at == 0))
		return r;
	/* it may have been numbered before the disk was full */
	x->header.odd += cell->number <= 1 && cell->uidl == 0;
	cell->number = rule.number;
	cell->uidl = rule.uid_at;
	x->window.changed = true;
	return 0;
}

/* The tags of what is to be numbered; others need not be counted. */
static int put_tags(struct index *x, struct uidl_table *t, uint64_t first)
{
	struct index_cell *cell;
	int r = 0;

	uidl_table_clear(t);
	for (uint64_t i = first; r == 0 && i < x->header.n; i++) {
		r = index_cell(x, x->header.n, i, &cell);
		if (r == 0)
			(void)uidl_table_slot(t, uidl_tag(cell->digest));
	}
	t->closed = true;
	return r == 0 ? uidl_table_read(t) : r;
}

/* Is each one the first of its digest, and nothing else said of any? */
static bool needs_none(const struct index *x, const struct uidl_table *t)
{
	return t->file < 0 && x->sieve && !x->sieve->twins;
}

int uidl_number(struct index *x, uint64_t first)
{
	struct uidl_table t;
	int r;

	if (first >= x->header.n)
		return 0;
	r = uidl_table_new(&x->place, x->header.n - first, true, &t);
	if (r == 0 && needs_none(x, &t))
		t.passes = 0;
	for (; r == 0 && t.pass < t.passes; t.pass++) {
		r = put_tags(x, &t, first);
		for (uint64_t i = 0; r == 0 && i < x->header.n; i++)
			r = number_one(x, &t, i, i >= first);
	}
	uidl_table_done(&t);
	return r;
}
