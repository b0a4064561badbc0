/* SPDX-License-Identifier: ISC */
/* See disk.h. */
#include "disk.h"

#include <assert.h>
#include <sys/stat.h>

#include "recorder.h"

/* A file as the cache has it, and where its units stand. */
struct file {
	uint32_t inode;
	mode_t mode;
	char *bytes;
	uint64_t size, room;
	size_t size_unit, times_unit;
	size_t *sector_units; /* [sector]: unit + 1; 0: never written */
	size_t sectors;
};

static void *grown(void *p, size_t n, size_t size)
{
	if (n > 0 && (n & (n - 1)) != 0)
		return p;
	p = reallocarray(p, n > 0 ? n * 2 : 1, size);
	assert(p);
	return p;
}

/* ---- units and their versions ---- */

static struct version *add_version(struct unit *u, size_t op)
{
	u->v = grown(u->v, u->n, sizeof(*u->v));
	u->v[u->n] = (struct version){ .op = op };
	return &u->v[u->n++];
}

static size_t add_unit(struct disk *d, enum unit_kind kind, uint32_t inode,
		       uint64_t at)
{
	d->units = grown(d->units, d->n, sizeof(*d->units));
	d->units[d->n] =
		(struct unit){ .kind = kind, .inode = inode, .at = at };
	(void)add_version(&d->units[d->n], 0);
	return d->n++;
}

static struct file *find_file(const struct disk *d, uint32_t inode)
{
	for (size_t i = 0; i < d->files_n; i++)
		if (d->files[i].inode == inode)
			return &d->files[i];
	abort(); /* the recorder knows none that was not born */
}

/* ---- files ---- */

static void make_room(struct file *f, uint64_t size)
{
	uint64_t room = (size + SECTOR) / SECTOR * SECTOR;
	size_t sectors = (size_t)(room / SECTOR);

	if (room <= f->room)
		return;
	f->bytes = realloc(f->bytes, room);
	f->sector_units =
		reallocarray(f->sector_units, sectors, sizeof(size_t));
	assert(f->bytes && f->sector_units);
	memset(f->bytes + f->room, 0, room - f->room);
	memset(f->sector_units + f->sectors, 0,
	       (sectors - f->sectors) * sizeof(size_t));
	f->room = room;
	f->sectors = sectors;
}

static struct file *add_file(struct disk *d, uint32_t inode, mode_t mode,
			     struct slice content, const struct times *t)
{
	struct file *f;

	d->files = grown(d->files, d->files_n, sizeof(*d->files));
	f = &d->files[d->files_n++];
	*f = (struct file){ .inode = inode, .mode = mode };
	make_room(f, content.n);
	if (content.n > 0)
		memcpy(f->bytes, content.p, content.n);
	f->size = content.n;
	f->size_unit = add_unit(d, UNIT_SIZE, inode, 0);
	d->units[f->size_unit].v[0].size = content.n;
	f->times_unit = add_unit(d, UNIT_TIMES, inode, 0);
	d->units[f->times_unit].v[0].times = *t;
	return f;
}

static char *copy_sector(const struct file *f, uint64_t sector)
{
	char *copy = malloc(SECTOR);

	assert(copy);
	memcpy(copy, f->bytes + sector * SECTOR, SECTOR);
	return copy;
}

/* The unit of a sector; the first time it gets what is there now. */
static struct unit *sector_unit(struct disk *d, struct file *f, uint64_t sector)
{
	size_t *at = &f->sector_units[sector];

	if (*at == 0) {
		*at = add_unit(d, UNIT_SECTOR, f->inode, sector) + 1;
		d->units[*at - 1].v[0].sector = copy_sector(f, sector);
	}
	return &d->units[*at - 1];
}

/* The cache's view of a sector, if it is news. */
static void note_sector(struct disk *d, struct file *f, uint64_t sector,
			size_t op)
{
	struct unit *u = sector_unit(d, f, sector);
	const char *last = u->v[u->n - 1].sector;

	if (memcmp(last, f->bytes + sector * SECTOR, SECTOR) != 0)
		add_version(u, op)->sector = copy_sector(f, sector);
}

static void note_size(struct disk *d, struct file *f, uint64_t size, size_t op)
{
	struct unit *u = &d->units[f->size_unit];

	if (size != f->size)
		add_version(u, op)->size = size;
	f->size = size;
}

static void grow(struct disk *d, struct file *f, uint64_t size, size_t op)
{
	if (size <= f->size)
		return;
	make_room(f, size);
	note_size(d, f, size, op);
}

/* What is cut off reads as zeros when the file grows again (POSIX): file
 * systems put them there when they cut. They may reach the disk before the
 * size does, and are there once the cut is flushed. */
static void cut(struct disk *d, struct file *f, uint64_t size, size_t op)
{
	uint64_t old = f->size;

	for (uint64_t s = size / SECTOR; s * SECTOR < old; s++)
		(void)sector_unit(d, f, s);
	memset(f->bytes + size, 0, old - size);
	for (uint64_t s = size / SECTOR; s * SECTOR < old; s++)
		note_sector(d, f, s, op);
	note_size(d, f, size, op);
}

static void write_file(struct disk *d, struct file *f, const struct op *o,
		       size_t op)
{
	uint64_t first = o->at / SECTOR;
	uint64_t last = (o->at + o->data.n - 1) / SECTOR;

	grow(d, f, o->at + o->data.n, op);
	for (uint64_t s = first; s <= last; s++)
		(void)sector_unit(d, f, s);
	memcpy(f->bytes + o->at, o->data.p, o->data.n);
	for (uint64_t s = first; s <= last; s++)
		note_sector(d, f, s, op);
}

static void resize(struct disk *d, struct file *f, uint64_t size, size_t op)
{
	if (size < f->size)
		cut(d, f, size, op);
	else
		grow(d, f, size, op);
}

/* ---- operations ---- */

static void change_file(struct disk *d, const struct op *o, size_t op)
{
	struct file *f = find_file(d, o->inode);

	if (o->kind == OP_WRITE)
		write_file(d, f, o, op);
	else if (o->kind == OP_SIZE)
		resize(d, f, o->at, op);
	else
		f->mode = (f->mode & S_IFMT) | (o->mode & 07777);
	add_version(&d->units[f->times_unit], op)->times = o->times;
}

static void change_name(struct disk *d, const struct op *o, size_t op)
{
	size_t unit = add_unit(d, UNIT_NAME, o->inode, op);

	(void)add_version(&d->units[unit], op);
	if (o->kind == OP_NAME && o->mode != 0)
		(void)add_file(d, o->named, o->mode, SLICE_NONE, &o->times);
}

/* What stood in the cache when the flush began is on the disk. */
static void flush_unit(struct unit *u, const struct op *o)
{
	size_t begin = o->at + 1; /* its number */

	if (u->inode != o->inode || (u->kind == UNIT_TIMES && !o->whole))
		return;
	while (u->floor + 1 < u->n && u->v[u->floor + 1].op < begin)
		u->floor++;
}

static void flush(struct disk *d, const struct op *o)
{
	for (size_t i = 0; i < d->n; i++)
		flush_unit(&d->units[i], o);
}

void disk_step(struct disk *d)
{
	const struct op *o = &d->log->ops[d->done++];

	switch (o->kind) {
	case OP_WRITE:
	case OP_SIZE:
	case OP_MODE:
		change_file(d, o, d->done);
		break;
	case OP_NAME:
	case OP_RENAME:
	case OP_UNLINK:
		change_name(d, o, d->done);
		break;
	case OP_SYNC_END:
		flush(d, o);
		break;
	case OP_SYNC_BEGIN:
	case OP_BEGIN:
	case OP_END:
		break;
	}
}

void disk_start(struct disk *d, const struct tree *base, const struct log *log)
{
	*d = (struct disk){ .base = base, .log = log };
	for (size_t i = 0; i < base->n; i++) {
		const struct node *n = &base->nodes[i];

		(void)add_file(d, n->inode, n->mode, n->content, &n->times);
	}
}

void disk_done(struct disk *d)
{
	for (size_t i = 0; i < d->n; i++) {
		for (size_t v = 0; v < d->units[i].n; v++)
			free(d->units[i].v[v].sector);
		free(d->units[i].v);
	}
	for (size_t i = 0; i < d->files_n; i++) {
		free(d->files[i].bytes);
		free(d->files[i].sector_units);
	}
	free(d->units);
	free(d->files);
	*d = (struct disk){ 0 };
}

/* ---- what may be found ---- */

/* The largest size this file may be found with. */
static uint64_t size_most(const struct disk *d, const struct file *f)
{
	const struct unit *u = &d->units[f->size_unit];
	uint64_t most = 0;

	for (size_t v = u->floor; v < u->n; v++)
		if (u->v[v].size > most)
			most = u->v[v].size;
	return most;
}

bool disk_pending(const struct disk *d, size_t unit)
{
	const struct unit *u = &d->units[unit];

	if (u->floor + 1 == u->n)
		return false;
	return u->kind != UNIT_SECTOR ||
	       u->at * SECTOR < size_most(d, find_file(d, u->inode));
}

static size_t chosen(const struct disk *d, const uint16_t *choice, size_t unit)
{
	return choice ? choice[unit] : d->units[unit].n - 1;
}

static uint64_t chosen_size(const struct disk *d, const uint16_t *choice,
			    const struct file *f)
{
	const struct unit *u = &d->units[f->size_unit];

	return u->v[chosen(d, choice, f->size_unit)].size;
}

static void put_sectors(const struct disk *d, const uint16_t *choice,
			const struct file *f, char *p, uint64_t size)
{
	for (uint64_t s = 0; s < f->sectors && s * SECTOR < size; s++) {
		size_t unit = f->sector_units[s];
		uint64_t n =
			size - s * SECTOR < SECTOR ? size - s * SECTOR : SECTOR;

		if (unit == 0)
			continue;
		unit--;
		memcpy(p + s * SECTOR,
		       d->units[unit].v[chosen(d, choice, unit)].sector, n);
	}
}

static void put_file(const struct disk *d, const uint16_t *choice,
		     const struct file *f, struct tree *t)
{
	struct node *n = tree_add(t, f->inode, f->mode);
	uint64_t size = chosen_size(d, choice, f);
	uint64_t now = f->size < size ? f->size : size;
	char *p = calloc(1, size + 1);

	assert(p);
	n->times = d->units[f->times_unit]
			   .v[chosen(d, choice, f->times_unit)]
			   .times;
	memcpy(p, f->bytes, now);
	put_sectors(d, choice, f, p, size);
	n->content = (struct slice){ p, size };
}

static void put_name(const struct disk *d, const struct unit *u, struct tree *t)
{
	const struct op *o = &d->log->ops[u->at - 1];

	if (o->kind == OP_RENAME)
		tree_name(t, o->inode, o->old_name, 0);
	tree_name(t, o->inode, o->name, o->kind == OP_UNLINK ? 0 : o->named);
}

void disk_tree(const struct disk *d, const uint16_t *choice, struct tree *ret)
{
	*ret = (struct tree){ .last_inode = d->base->last_inode };
	for (size_t i = 0; i < d->files_n; i++)
		put_file(d, choice, &d->files[i], ret);
	for (size_t i = 0; i < d->base->entries_n; i++) {
		const struct entry *e = &d->base->entries[i];

		tree_name(ret, e->dir, e->name, e->inode);
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->units[i].kind == UNIT_NAME && chosen(d, choice, i) == 1)
			put_name(d, &d->units[i], ret);
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static bool is_beyond(const struct disk *d, const uint16_t *choice,
		      const struct unit *u)
{
	return u->kind == UNIT_SECTOR &&
	       u->at * SECTOR >= chosen_size(d, choice, find_file(d, u->inode));
}

uint64_t disk_hash(const struct disk *d, const uint16_t *choice)
{
	uint64_t h = 1;

	for (size_t i = 0; i < d->n; i++) {
		const struct unit *u = &d->units[i];
		size_t v = chosen(d, choice, i);

		if (v == 0 || is_beyond(d, choice, u))
			continue;
		h = mix(mix(h, i), u->v[v].op);
	}
	return h;
}

void disk_print(const struct disk *d, const uint16_t *choice)
{
	static const char *const names[] = { "sector", "size", "times",
					     "name" };

	for (size_t i = 0; i < d->n; i++) {
		const struct unit *u = &d->units[i];

		if (!disk_pending(d, i))
			continue;
		printf("  inode %u %s %llu: version %zu of %zu..%zu, made by",
		       u->inode, names[u->kind], (unsigned long long)u->at,
		       chosen(d, choice, i), u->floor, u->n - 1);
		if (u->v[chosen(d, choice, i)].op == 0)
			printf(" nobody\n");
		else
			printf(" %zu\n", u->v[chosen(d, choice, i)].op - 1);
	}
}
