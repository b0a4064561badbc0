/* SPDX-License-Identifier: ISC */
/* See uidl_table.h. */
#include "store/uidl_table.h"

#include "store/extent.h"
#include "store/uidl_file.h"

#define SLOTS_LOG2 17
#define SLOTS      ((size_t)1 << SLOTS_LOG2)
#define LOAD       (SLOTS / 2) /* tags of a pass, about */
#define LINE_LEAST 36

uint64_t uidl_tag(const uint8_t digest[INDEX_DIGEST])
{
	uint64_t tag = 0;

	for (int i = 0; i < 8; i++)
		tag = tag << 8 | digest[i];
	return tag != 0 ? tag : 1;
}

/* Only -ENOENT says that there is none: whoever took other trouble for that
 * would soon write a NAME.uidl without what stands in this one. */
static int open_file(const struct place *p, int *ret_fd, uint64_t *ret_size)
{
	int fd CLEANUP(file_close) = place_open_beside(p, UIDL_FILE, false);
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = extent_size(fd, ret_size);
	if (r < 0)
		return r;
	if (*ret_size >= UINT32_MAX)
		return -EFBIG; /* positions are kept in 32 bits */
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int uidl_table_new(const struct place *p, uint64_t n, bool alone,
		   struct uidl_table *ret)
{
	struct uidl_table t = { .file = -1 };
	uint64_t size = 0;
	int r = open_file(p, &t.file, &size);

	if (!alone)
		n += size / LINE_LEAST;
	t.passes = n / LOAD + 1;
	t.slots = r == 0 ? calloc(SLOTS, sizeof(*t.slots)) : NULL;
	*ret = t;
	return r == 0 && !t.slots ? -ENOMEM : r;
}

void uidl_table_done(struct uidl_table *t)
{
	free(t->slots);
	t->slots = NULL;
	file_close(&t->file);
}

static uint64_t scramble(uint64_t tag)
{
	return tag * 0x9e3779b97f4a7c15;
}

/* Only where tags are chosen so that they meet can a pass get too many: then
 * the last slot has to do for them all, and they get numbers. */
struct uidl_slot *uidl_table_slot(struct uidl_table *t, uint64_t tag)
{
	uint64_t mixed = scramble(tag);
	size_t at = (size_t)(mixed >> (64 - SLOTS_LOG2));
	struct uidl_slot *s = &t->slots[at];

	if (mixed % t->passes != t->pass)
		return NULL;
	for (size_t i = 0; i < SLOTS; i++) {
		s = &t->slots[(at + i) % SLOTS];
		if (s->tag == tag || s->tag == 0)
			break;
	}
	if (s->tag != tag && t->closed)
		return NULL;
	if (s->tag == 0)
		s->number = 1;
	s->tag = tag;
	t->used = true;
	return s;
}

void uidl_table_clear(struct uidl_table *t)
{
	if (t->used)
		memset(t->slots, 0, SLOTS * sizeof(*t->slots));
	t->used = t->closed = false;
}

int uidl_table_read(struct uidl_table *t)
{
	struct uidl_lines lines;
	struct uidl_line line;
	struct uidl_slot *s;
	uint32_t next;
	int r = 0;

	uidl_lines_start(&lines, t->file, 0);
	while (t->file >= 0 && (r = uidl_lines_next(&lines, &line)) > 0) {
		next = uidl_next_of(line.text);
		s = next > 0 ? uidl_table_slot(t, line.tag) : NULL;
		if (!s || s->next > 0)
			continue;
		s->number = s->next = next;
		s->line = (uint32_t)lines.at + 1;
	}
	return r < 0 ? r : 0;
}

int uidl_table_begin(struct uidl_table *t)
{
	uidl_table_clear(t);
	return uidl_table_read(t);
}

/* ---- the rules ---- */

/* Where the next unique-id of the group stands. 1, 0 (no more), -errno. */
static int next_listed(struct uidl_table *t, struct uidl_slot *s, uint64_t *ret)
{
	struct uidl_lines lines;
	struct uidl_line line;
	int r;

	if (s->line == 0)
		return 0;
	uidl_lines_start(&lines, t->file, s->line - 1);
	r = uidl_lines_next(&lines, &line);
	if (r < 0)
		return r;
	s->line = 0;
	if (r == 0 || line.tag != s->tag || uidl_next_of(line.text) > 0)
		return 0;
	s->line = (uint32_t)lines.at + 1;
	*ret = line.at + UIDL_DIGEST + 1;
	return 1;
}

int uidl_judge(struct uidl_table *t, struct uidl_slot *s, struct uidl_rule *ret)
{
	struct uidl_rule rule = { 0 };
	int r = next_listed(t, s, &rule.uid_at);

	if (r < 0)
		return r;
	if (r == 0) {
		rule.number = s->number;
		if (++s->number == 0) /* only a NEXT of others' comes so far */
			s->number = 1;
	}
	*ret = rule;
	return 0;
}
