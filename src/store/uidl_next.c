/* SPDX-License-Identifier: ISC */
/* See uidl.h: writing a new NAME.uidl, before an expunge or for an import.
 *
 * In each pass of the table the messages are gone through twice: first each
 * group's size is found out, then each line is written where it belongs, so
 * that the time is that of the messages and no list of them is kept. */
#include "store/index_file.h"
#include "store/uidl_file.h"
#include "store/uidl_table.h"

struct next {
	struct index *x;
	struct uidl_table table;
	index_gone *gone;
	uidl_given *given; /* an import; NULL: what each has */
	void *context;
	int fd;
	uint64_t at; /* the end of what has its place there */
};

static bool is_gone(const struct next *n, uint64_t i)
{
	return n->gone && n->gone(n->context, i);
}

/* Entry i and its slot. 1, 0 (it is another pass's), or -errno. */
static int slot_of(struct next *n, uint64_t i, struct index_entry *ret,
		   struct uidl_slot **ret_slot)
{
	int r = index_get(n->x, i, ret);

	if (r < 0)
		return r;
	*ret_slot = uidl_table_slot(&n->table, uidl_tag(ret->digest));
	return *ret_slot != NULL;
}

static int text_of(struct next *n, uint64_t i, const struct index_entry *e,
		   char ret[UIDL_MAX + 1])
{
	const char *given = n->given ? n->given(n->context, i) : NULL;

	if (!given)
		return uidl_text(n->x, e, ret);
	if (!uidl_valid(slice_of(given)))
		return -EINVAL;
	(void)snprintf(ret, UIDL_MAX + 1, "%s", given);
	return 0;
}

/* Which number of ours does it use up, so far and from now on? */
static uint32_t number_used(const struct next *n, uint64_t i,
			    const struct index_entry *e)
{
	const char *given = n->given ? n->given(n->context, i) : NULL;
	uint32_t was = e->uidl == 0 ? e->number : 1;
	uint32_t is = uidl_number_of(e, slice_of(given));

	return was > is ? was : is;
}

/* ---- what is to be written ---- */

/* Before an expunge: would the rules give it another unique-id from now on? 1,
 * 0, or -errno. */
static int is_changed(struct next *n, const struct index_entry *e,
		      struct uidl_slot *s)
{
	struct uidl_rule rule;
	int r = uidl_judge(&n->table, s, &rule);

	if (r < 0)
		return r;
	return rule.uid_at != e->uidl ||
	       (e->uidl == 0 && rule.number != e->number);
}

/* For an import: can it not be computed, or is it not alone? */
static bool is_odd(const struct next *n, uint64_t i,
		   const struct index_entry *e, const struct uidl_slot *s)
{
	return s->octets > 0 || n->given(n->context, i) || e->uidl > 0 ||
	       e->number != 1;
}

static int must_write(struct next *n, uint64_t i, const struct index_entry *e,
		      struct uidl_slot *s)
{
	return n->given ? is_odd(n, i, e, s) : is_changed(n, e, s);
}

/* A number that was ever given is not given again. */
static void use_up(struct uidl_slot *s, uint32_t number)
{
	if (number >= s->next)
		s->next = number < UINT32_MAX ? number + 1 : number;
}

static int add_octets(struct next *n, uint64_t i, const struct index_entry *e,
		      struct uidl_slot *s)
{
	char text[UIDL_MAX + 1];
	int r = text_of(n, i, e, text);

	if (r < 0)
		return r;
	return __builtin_add_overflow(s->octets, UIDL_DIGEST + 2 + strlen(text),
				      &s->octets)
		       ? -EFBIG
		       : 0;
}

/* What is gone counts too, for the numbers. */
static int plan_one(struct next *n, uint64_t i)
{
	struct index_entry e;
	struct uidl_slot *s;
	int r = slot_of(n, i, &e, &s);

	if (r <= 0)
		return r;
	use_up(s, number_used(n, i, &e));
	if (is_gone(n, i))
		return 0;
	r = s->number > 0 ? must_write(n, i, &e, s) : 0;
	if (r < 0)
		return r;
	if (r > 0)
		s->number = s->line = 0;
	return add_octets(n, i, &e, s);
}

/* ---- writing ---- */

/* Positions are kept in 32 bits. */
static int put(struct next *n, struct slice bytes, uint64_t *at)
{
	int r = *at + bytes.n < UINT32_MAX ? file_write_at(n->fd, bytes, *at)
					   : -EFBIG;

	*at += bytes.n;
	return r;
}

static int put_line(struct next *n, const struct index_entry *e,
		    const char *text, uint64_t *at)
{
	char digest[UIDL_DIGEST + 1], line[UIDL_LINE];
	int len;

	uidl_digest(e, digest);
	len = snprintf(line, sizeof(line), "%s %s\n", digest, text);
	return put(n, (struct slice){ line, (size_t)len }, at);
}

/* Its head, and room for its lines. */
static int begin_group(struct next *n, const struct index_entry *e,
		       struct uidl_slot *s)
{
	char text[UIDL_LINE];
	int r;

	(void)snprintf(text, sizeof(text), "# %u", (unsigned)s->next);
	r = put_line(n, e, text, &n->at);
	if (r < 0)
		return r;
	s->line = (uint32_t)n->at + 1;
	n->at += s->octets;
	return 0;
}

static int put_one(struct next *n, uint64_t i)
{
	char text[UIDL_MAX + 1];
	struct index_entry e;
	struct uidl_slot *s;
	uint64_t at;
	int r = is_gone(n, i) ? 0 : slot_of(n, i, &e, &s);

	if (r <= 0 || s->number > 0)
		return r < 0 ? r : 0;
	r = s->line == 0 ? begin_group(n, &e, s) : 0;
	at = (uint64_t)s->line - 1;
	if (r == 0)
		r = text_of(n, i, &e, text);
	if (r == 0)
		r = put_line(n, &e, text, &at);
	if (r == 0)
		s->line = (uint32_t)at + 1;
	return r;
}

/* Lines of other groups stay as they are. */
static int copy_others(struct next *n)
{
	struct uidl_lines lines;
	struct uidl_line line;
	struct uidl_slot *s;
	int r = 0;

	uidl_lines_start(&lines, n->table.file, 0);
	while (lines.fd >= 0 && (r = uidl_lines_next(&lines, &line)) > 0) {
		s = uidl_table_slot(&n->table, line.tag);
		r = s && s->number > 0 ? put(n, line.all, &n->at) : 0;
		if (r < 0)
			break;
	}
	return r < 0 ? r : 0;
}

static int write_pass(struct next *n)
{
	uint64_t count = n->x->header.n;
	int r = uidl_table_begin(&n->table);

	for (uint64_t i = 0; r == 0 && i < count; i++)
		r = plan_one(n, i);
	if (r == 0 && !n->given)
		r = copy_others(n);
	for (uint64_t i = 0; r == 0 && i < count; i++)
		r = put_one(n, i);
	return r;
}

static int write_all(struct next *n)
{
	struct uidl_table *t = &n->table;
	int r;

	n->fd = place_open_beside(&n->x->place, UIDL_NEXT, true);
	r = n->fd < 0 ? n->fd : file_truncate(n->fd, 0);
	for (t->pass = 0; r == 0 && t->pass < t->passes; t->pass++)
		r = write_pass(n);
	return r == 0 ? file_sync(n->fd) : r;
}

static int start(struct next *n)
{
	n->fd = -1;
	return uidl_table_new(&n->x->place, n->x->header.n, false, &n->table);
}

static void done(struct next *n)
{
	uidl_table_done(&n->table);
	file_close(&n->fd);
}

/* ---- before an expunge ---- */

static int check_one(struct next *n, uint64_t i)
{
	struct index_entry e;
	struct uidl_slot *s;
	int r = is_gone(n, i) ? 0 : slot_of(n, i, &e, &s);

	return r > 0 ? is_changed(n, &e, s) : r;
}

/* Has one of them another unique-id? 1, 0, or -errno. */
static int find_changed(struct next *n)
{
	struct uidl_table *t = &n->table;
	int r = 0;

	for (; r == 0 && t->pass < t->passes; t->pass++) {
		r = uidl_table_begin(t);
		for (uint64_t i = 0; r == 0 && i < n->x->header.n; i++)
			r = check_one(n, i);
	}
	return r;
}

int uidl_next_write(struct index *x, index_gone *gone, void *context)
{
	struct next n = { .x = x, .gone = gone, .context = context };
	int r;

	if (x->header.odd == 0)
		return 0;
	r = start(&n);
	if (r == 0)
		r = find_changed(&n);
	if (r > 0) {
		r = write_all(&n);
		r = r == 0 ? 1 : r;
	}
	done(&n);
	return r;
}

int uidl_next_apply(const struct place *p)
{
	struct place_file from = place_beside(p, UIDL_NEXT);
	struct place_file to = place_beside(p, UIDL_FILE);
	int r = file_rename(p->side, from.name, p->side, to.name);

	return r == -ENOENT ? 0 : r;
}

/* ---- taking over ---- */

int uidl_import(struct index *x, uidl_given *given, void *context)
{
	struct next n = { .x = x, .given = given, .context = context };
	int r = start(&n);

	if (r == 0)
		r = write_all(&n);
	if (r == 0)
		r = uidl_next_apply(&x->place);
	if (r == 0)
		r = file_sync_dir(x->place.side);
	done(&n);
	index_drop(&x->place);
	return r;
}
