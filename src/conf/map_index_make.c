/* SPDX-License-Identifier: ISC */
/* See map_index.h: making. Must never leave an index that fits a table other
 * than the one it was read from; so it reads only once the clock that stamps
 * the table has moved on since the table's last change. */
#include <fcntl.h>
#include <libgen.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/ident.h"
#include "conf/map.h"
#include "conf/map_index_file.h"

#define NS_PER_S INT64_C(1000000000)
/* A kernel's clock for files ticks each 1 to 10 ms; file systems that keep no
 * parts of a second keep every second one at worst. */
#define TICK_NS        (100 * INT64_C(1000000))
#define COARSE_TICK_NS (2 * NS_PER_S + TICK_NS)
#define WAIT_MAX_NS    (3 * NS_PER_S)
#define FILL           40 /* of a block's 63 entries, on average */
#define TRIES          4  /* each with twice the blocks */

/* An entry on its way into a block. */
struct item {
	uint64_t hash;
	uint64_t start;
	uint32_t line;
};

struct making {
	const char *path;
	char separator;
	char *copy; /* of path, for dirname(3) */
	int dir;
	char name[NAME_MAX + 1]; /* of the index */
	char draft[NAME_MAX + 1];
	int fd; /* of the draft */
	int table;
	struct stat st; /* of the table */
	struct map *map;
	struct map_index_header header;
	struct digest_keyed keyed;
	struct item *items;
	size_t n;
};

static int64_t ns_of(struct timespec t)
{
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* ---- when ---- */

/* What the file system's clock says now: it has stamped the draft. */
static int stamp(const struct making *m, int64_t *ret)
{
	struct stat st;

	if (fchmod(m->fd, 0600) < 0 || fstat(m->fd, &st) < 0)
		return -errno;
	*ret = ns_of(st.st_ctim);
	return 0;
}

/* Wait until a change of the table would be told by its ctime. */
static int settle(struct making *m)
{
	int64_t changed, now, wait;
	struct timespec left;
	int r;

	if (fstat(m->table, &m->st) < 0)
		return -errno;
	changed = ns_of(m->st.st_ctim);
	changed += m->st.st_ctim.tv_nsec == 0 ? COARSE_TICK_NS : TICK_NS;
	r = stamp(m, &now);
	wait = changed - now;
	if (r < 0 || wait < 0)
		return r;
	if (wait > WAIT_MAX_NS)
		return -EBUSY;
	wait += TICK_NS;
	left = (struct timespec){ wait / NS_PER_S, wait % NS_PER_S };
	/* no event says that a clock has moved on */
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
	r = stamp(m, &now);
	return r < 0 ? r : now > changed ? 0 : -EBUSY;
}

/* Was the table, while it was read, what settle saw? */
static int still_same(const struct making *m)
{
	const struct map_index_table before = map_index_table_of(&m->st);
	struct map_index_table after;
	struct stat st;

	if (fstat(m->table, &st) < 0)
		return -errno;
	after = map_index_table_of(&st);
	return memcmp(&before, &after, sizeof(after)) == 0 ? 0 : -EBUSY;
}

/* ---- what ---- */

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

static bool same_key(const struct making *m, const struct item *a,
		     const struct item *b)
{
	struct slice text = map_text(m->map);
	struct slice rest, line, x, y;

	rest = slice_from(text, (size_t)a->start);
	if (!slice_field(&rest, '\n', &line) ||
	    !map_line_key(line, m->separator, &x))
		return false;
	rest = slice_from(text, (size_t)b->start);
	return slice_field(&rest, '\n', &line) &&
	       map_line_key(line, m->separator, &y) && slice_eq_nocase(x, y);
}

/* Each key once: the first line counts. */
static void drop_repeated(struct making *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (kept > 0 && m->items[kept - 1].hash == m->items[i].hash &&
		    same_key(m, &m->items[kept - 1], &m->items[i]))
			continue;
		m->items[kept++] = m->items[i];
	}
	m->n = kept;
}

static int add(struct making *m, size_t *room, const struct item *item)
{
	if (m->n == *room) {
		size_t more = *room == 0 ? 4096 : 2 * *room;
		struct item *p = reallocarray(m->items, more, sizeof(*p));

		if (!p)
			return -ENOMEM;
		m->items = p;
		*room = more;
	}
	m->items[m->n++] = *item;
	return 0;
}

static int gather(struct making *m)
{
	struct slice text = map_text(m->map);
	struct slice rest = text, line, key;
	struct item item = { .line = 0 };
	size_t room = 0;
	int r = 0;

	while (r == 0 && slice_field(&rest, '\n', &line)) {
		if (item.line == UINT32_MAX)
			return -EFBIG;
		item.line++;
		if (!map_line_key(line, m->separator, &key))
			continue;
		item.start = (uint64_t)(line.p - text.p);
		item.hash = map_index_hash(&m->keyed, key);
		r = add(m, &room, &item);
	}
	if (r < 0 || m->n == 0)
		return r;
	qsort(m->items, m->n, sizeof(*m->items), compare);
	drop_repeated(m);
	return 0;
}

/* ---- blocks ---- */

/* Items are sorted by hash, and so by block. One that finds its block full
 * goes into the next; -EAGAIN: too far from home, or around the end. */
static int place(const struct making *m, struct map_index_block *blocks,
		 uint64_t n_blocks)
{
	uint64_t at = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct item *item = &m->items[i];
		uint64_t home = map_index_home(item->hash, n_blocks);
		struct map_index_block *b;

		at = at > home ? at : home;
		if (blocks[at].n == MAP_INDEX_ENTRIES)
			at++;
		if (at == n_blocks || at - home >= MAP_INDEX_PROBES)
			return -EAGAIN;
		for (uint64_t k = home; k < at; k++)
			blocks[k].more = 1;
		b = &blocks[at];
		b->entries[b->n++] =
			(struct map_index_entry){ (uint32_t)item->hash,
						  item->line, item->start };
	}
	return 0;
}

static int write_blocks(const struct making *m, struct map_index_block *blocks,
			uint64_t n_blocks)
{
	uint8_t check[DIGEST_KEYED_BYTES];

	for (uint64_t i = 0; i < n_blocks; i++) {
		map_index_check_block(&m->keyed, i, &blocks[i], check);
		memcpy(blocks[i].check, check, MAP_INDEX_CHECK);
	}
	return file_write_at(m->fd,
			     (struct slice){ (const char *)blocks,
					     n_blocks * sizeof(*blocks) },
			     MAP_INDEX_BLOCK);
}

static int try_blocks(const struct making *m, uint64_t n_blocks)
{
	struct map_index_block *blocks;
	int r;

	if (n_blocks > UINT32_MAX)
		return -EFBIG;
	blocks = calloc(n_blocks, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	r = place(m, blocks, n_blocks);
	if (r == 0)
		r = write_blocks(m, blocks, n_blocks);
	free(blocks);
	return r;
}

static int write_all(struct making *m)
{
	struct map_index_header *h = &m->header;
	char block[MAP_INDEX_BLOCK] = { 0 };
	int r = -EAGAIN;

	h->blocks = m->n / FILL + 1;
	for (int i = 0; i < TRIES && r == -EAGAIN; i++) {
		if (i > 0)
			h->blocks *= 2;
		r = try_blocks(m, h->blocks);
	}
	if (r < 0)
		return r == -EAGAIN ? -EFBIG : r;
	h->entries = m->n;
	map_index_check_header(&m->keyed, h, h->check);
	memcpy(block, h, sizeof(*h));
	return file_write_at(m->fd, (struct slice){ block, sizeof(block) }, 0);
}

/* ---- the file ---- */

/* Who may read the table may read it; nobody but its owner writes. */
static int set_rights(const struct making *m)
{
	mode_t mode = (m->st.st_mode & 0444) | S_IWUSR;

	/* the owner before the mode: chown(2) clears bits of it */
	if (fchown(m->fd, m->st.st_uid, m->st.st_gid) < 0)
		return -errno;
	return fchmod(m->fd, mode) < 0 ? -errno : 0;
}

static int begin_header(struct making *m)
{
	struct map_index_header *h = &m->header;

	*h = (struct map_index_header){
		.version = MAP_INDEX_VERSION,
		.separator = (unsigned char)m->separator,
		.table = map_index_table_of(&m->st),
	};
	memcpy(h->magic, MAP_INDEX_MAGIC, sizeof(h->magic));
	if (getrandom(h->key, sizeof(h->key), 0) != sizeof(h->key))
		return -EIO;
	digest_keyed_start(&m->keyed, (struct slice){ (const char *)h->key,
						      sizeof(h->key) });
	return 0;
}

static int fill(struct making *m)
{
	struct map_held held = { .file = m->table, .index = -1 };
	int r = settle(m);

	if (r == 0)
		r = map_of_held(&held, m->separator, &m->map);
	if (r == 0)
		r = begin_header(m);
	if (r == 0)
		r = gather(m);
	if (r == 0)
		r = write_all(m);
	if (r == 0)
		r = still_same(m);
	return r == 0 ? set_rights(m) : r;
}

static int make(struct making *m)
{
	char id[IDENT_MAX];
	int r;

	ident_new(id);
	(void)snprintf(m->draft, sizeof(m->draft), ".index.%s", id);
	m->fd = file_create(m->dir, m->draft, 0600);
	if (m->fd < 0)
		return m->fd;
	r = fill(m);
	if (r == 0)
		r = file_publish(m->fd, m->dir, m->draft, m->dir, m->name);
	if (r < 0)
		(void)unlinkat(m->dir, m->draft,
			       0); /* the first error counts */
	if (close(m->fd) < 0 && r == 0)
		r = -errno;
	m->fd = -1;
	return r;
}

static bool is_made(const struct making *m)
{
	int file CLEANUP(file_close) = map_index_open(m->path, &m->st);
	struct map_index ix;

	return map_index_fits(file, &m->st, m->separator, &ix);
}

static int take_away(const struct making *m, enum map_index_made *ret)
{
	int r = file_unlink(m->dir, m->name);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = r == 0 ? MAP_INDEX_REMOVED : MAP_INDEX_NONE;
	return 0;
}

static int begin(struct making *m)
{
	const char *base = strrchr(m->path, '/');
	int n;

	base = base ? base + 1 : m->path;
	n = snprintf(m->name, sizeof(m->name), "%s" MAP_INDEX_SUFFIX, base);
	if (n < 0 || (size_t)n >= sizeof(m->name))
		return -ENAMETOOLONG;
	m->copy = strdup(m->path);
	if (!m->copy)
		return -ENOMEM;
	m->dir = file_open_dir(AT_FDCWD, dirname(m->copy));
	return m->dir < 0 ? m->dir : 0;
}

static int look_and_make(struct making *m, enum map_index_made *ret)
{
	struct map_held held;
	int r;

	map_hold(m->path, &held);
	file_close(&held.index);
	m->table = held.file;
	if (m->table == -ENOENT)
		return take_away(m, ret);
	if (m->table < 0)
		return m->table;
	if (fstat(m->table, &m->st) < 0)
		return -errno;
	if (!S_ISREG(m->st.st_mode))
		return -EINVAL;
	if (m->st.st_size < MAP_INDEX_LEAST)
		return take_away(m, ret);
	if (is_made(m)) {
		*ret = MAP_INDEX_FITS;
		return 0;
	}
	r = make(m);
	if (r == 0)
		*ret = MAP_INDEX_MADE;
	return r;
}

int map_index_make(const char *path, char separator, enum map_index_made *ret)
{
	struct making m = { .path = path,
			    .separator = separator,
			    .dir = -1,
			    .fd = -1,
			    .table = -1 };
	int r = begin(&m);

	if (r == 0)
		r = look_and_make(&m, ret);
	map_close(m.map);
	file_close(&m.table);
	file_close(&m.dir);
	free(m.copy);
	free(m.items);
	return r;
}

int map_index_renew(const char *path, char separator)
{
	enum map_index_made made;
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s" MAP_INDEX_SUFFIX, path);

	if (n < 0 || (size_t)n >= sizeof(name))
		return -ENAMETOOLONG;
	return access(name, F_OK) < 0 ? 0
				      : map_index_make(path, separator, &made);
}
