/* SPDX-License-Identifier: ISC */
/* See uidl.h: writing a new NAME.uidl, before an expunge or for an import. */
#include "store/index_file.h"
#include "store/uidl_file.h"
#include "store/uidl_table.h"

struct next {
	struct index *x;
	struct uidl_table table;
	index_gone *gone;
	uidl_given *given; /* NULL: what each has */
	void *context;
	int fd;
	uint64_t at;
	uint64_t *tags; /* whose groups are written anew */
	size_t n_tags, room;
};

static bool is_gone(const struct next *n, uint64_t i)
{
	return n->gone && n->gone(n->context, i);
}

static bool has_tag(const struct next *n, uint64_t tag)
{
	for (size_t i = 0; i < n->n_tags; i++)
		if (n->tags[i] == tag)
			return true;
	return false;
}

static int add_tag(struct next *n, uint64_t tag)
{
	if (n->n_tags == n->room) {
		size_t room = n->room > 0 ? 2 * n->room : 16;
		uint64_t *tags = reallocarray(n->tags, room, sizeof(*tags));

		if (!tags)
			return -ENOMEM;
		n->tags = tags;
		n->room = room;
	}
	n->tags[n->n_tags++] = tag;
	return 0;
}

/* ---- writing ---- */

static int put(struct next *n, struct slice bytes)
{
	int r = file_write_at(n->fd, bytes, n->at);

	n->at += bytes.n;
	return r;
}

static int put_line(struct next *n, const struct index_entry *e,
		    const char *text)
{
	char digest[UIDL_DIGEST + 1], line[UIDL_LINE];
	int len;

	uidl_digest(e, digest);
	len = snprintf(line, sizeof(line), "%s %s\n", digest, text);
	return put(n, (struct slice){ line, (size_t)len });
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

static int put_head(struct next *n, const struct index_entry *e, uint32_t next)
{
	char text[UIDL_LINE];

	(void)snprintf(text, sizeof(text), "# %u", (unsigned)next);
	return put_line(n, e, text);
}

static int put_member(struct next *n, uint64_t i, const struct index_entry *e)
{
	char text[UIDL_MAX + 1];
	int r = text_of(n, i, e, text);

	return r == 0 ? put_line(n, e, text) : r;
}

static int put_members(struct next *n, uint64_t tag, uint32_t next)
{
	struct index_entry e;
	bool begun = false;
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < n->x->header.n; i++) {
		r = index_get(n->x, i, &e);
		if (r < 0 || uidl_tag(e.digest) != tag || is_gone(n, i))
			continue;
		if (!begun)
			r = put_head(n, &e, next);
		begun = true;
		if (r == 0)
			r = put_member(n, i, &e);
	}
	return r;
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

/* A number that was ever given is not given again. */
static int next_before(const struct next *n, const struct uidl_slot *s,
		       uint32_t *ret)
{
	*ret = 2;
	return s->line > 0 ? uidl_group_next(n->table.file, s->line - 1, ret)
			   : 0;
}

/* The group of one tag as it will be. What is gone counts too. */
static int put_group(struct next *n, const struct uidl_slot *s)
{
	struct index_entry e;
	uint32_t next;
	int r = next_before(n, s, &next);

	for (uint64_t i = 0; r == 0 && i < n->x->header.n; i++) {
		r = index_get(n->x, i, &e);
		if (r == 0 && uidl_tag(e.digest) == s->tag &&
		    number_used(n, i, &e) >= next)
			next = number_used(n, i, &e) + 1;
	}
	return r == 0 ? put_members(n, s->tag, next) : r;
}

/* Lines of other groups stay as they are. */
static int copy_others(struct next *n)
{
	struct uidl_lines lines;
	struct uidl_line line;
	int r = 0;

	uidl_lines_start(&lines, n->table.file, 0);
	while (lines.fd >= 0 && (r = uidl_lines_next(&lines, &line)) > 0)
		if (!has_tag(n, line.tag)) {
			r = put(n, line.all);
			if (r < 0)
				break;
		}
	return r < 0 ? r : 0;
}

static int open_next(struct next *n)
{
	n->fd = place_open_beside(&n->x->place, UIDL_NEXT, true);
	return n->fd < 0 ? n->fd : file_truncate(n->fd, 0);
}

static int start(struct next *n)
{
	n->fd = -1;
	return uidl_table_new(&n->x->place, n->x->header.n, false, &n->table);
}

static void done(struct next *n)
{
	uidl_table_done(&n->table);
	free(n->tags);
	file_close(&n->fd);
}

/* ---- before an expunge ---- */

static int check_one(struct next *n, uint64_t i)
{
	struct index_entry e;
	struct uidl_slot *slot;
	struct uidl_kth kth;
	int r = is_gone(n, i) ? 1 : index_get(n->x, i, &e);

	if (r != 0)
		return r > 0 ? 0 : r;
	slot = uidl_table_slot(&n->table, uidl_tag(e.digest));
	if (!slot)
		return 0;
	r = uidl_judge(&n->table, slot, &kth);
	if (r < 0 ||
	    (kth.uid_at == e.uidl && (e.uidl > 0 || kth.number == e.number)))
		return r;
	return has_tag(n, slot->tag) ? 0 : add_tag(n, slot->tag);
}

static int find_changed(struct next *n)
{
	int r = 0;

	for (; r == 0 && n->table.pass < n->table.passes; n->table.pass++) {
		r = uidl_table_begin(&n->table);
		for (uint64_t i = 0; r == 0 && i < n->x->header.n; i++)
			r = check_one(n, i);
	}
	return r;
}

static int put_changed(struct next *n)
{
	int r = 0;

	for (n->table.pass = 0; r == 0 && n->table.pass < n->table.passes;
	     n->table.pass++) {
		r = uidl_table_begin(&n->table);
		for (size_t i = 0; r == 0 && i < n->n_tags; i++) {
			struct uidl_slot *slot =
				uidl_table_slot(&n->table, n->tags[i]);

			if (slot)
				r = put_group(n, slot);
		}
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
	if (r == 0 && n.n_tags > 0) {
		r = open_next(&n);
		if (r == 0)
			r = copy_others(&n);
		if (r == 0)
			r = put_changed(&n);
		if (r == 0)
			r = file_sync(n.fd);
	}
	done(&n);
	return r < 0 ? r : n.n_tags > 0;
}

int uidl_next_apply(const struct place *p)
{
	struct place_file from = place_beside(p, UIDL_NEXT);
	struct place_file to = place_beside(p, UIDL_FILE);
	int r = file_rename(p->side, from.name, p->side, to.name);

	return r == -ENOENT ? 0 : r;
}

/* ---- taking over ---- */

static int count_one(struct next *n, uint64_t i)
{
	struct index_entry e;
	struct uidl_slot *slot;
	int r = index_get(n->x, i, &e);

	slot = r == 0 ? uidl_table_slot(&n->table, uidl_tag(e.digest)) : NULL;
	if (slot)
		slot->count++;
	return r;
}

static int import_one(struct next *n, uint64_t i)
{
	struct index_entry e;
	struct uidl_slot *slot;
	uint32_t next;
	int r = index_get(n->x, i, &e);

	slot = r == 0 ? uidl_table_slot(&n->table, uidl_tag(e.digest)) : NULL;
	if (!slot)
		return r;
	if (slot->count > 1) {
		if (has_tag(n, slot->tag))
			return 0;
		r = add_tag(n, slot->tag);
		return r == 0 ? put_group(n, slot) : r;
	}
	if (!n->given(n->context, i) && e.uidl == 0 && e.number == 1)
		return 0;
	r = next_before(n, slot, &next);
	if (r == 0 && number_used(n, i, &e) >= next)
		next = number_used(n, i, &e) + 1;
	if (r == 0)
		r = put_head(n, &e, next);
	return r == 0 ? put_member(n, i, &e) : r;
}

static int import_all(struct next *n)
{
	uint64_t count = n->x->header.n;
	int r = open_next(n);

	for (; r == 0 && n->table.pass < n->table.passes; n->table.pass++) {
		r = uidl_table_begin(&n->table);
		for (uint64_t i = 0; r == 0 && i < count; i++)
			r = count_one(n, i);
		for (uint64_t i = 0; r == 0 && i < count; i++)
			r = import_one(n, i);
	}
	return r;
}

int uidl_import(struct index *x, uidl_given *given, void *context)
{
	struct next n = { .x = x, .given = given, .context = context };
	int r = start(&n);

	if (r == 0)
		r = import_all(&n);
	if (r == 0)
		r = file_sync(n.fd);
	if (r == 0)
		r = uidl_next_apply(&x->place);
	if (r == 0)
		r = file_sync_dir(x->place.side);
	done(&n);
	index_drop(&x->place);
	return r;
}
