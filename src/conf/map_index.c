/* SPDX-License-Identifier: ISC */
/* See map_index.h: reading. Takes nothing in an index for true before it is
 * checked, and must never say "absent" where a scan might find. */
#include "conf/map_index.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "conf/map.h"
#include "conf/map_index_file.h"

#define FOLD_ROOM 256

int map_index_open(const char *path, const struct stat *table)
{
	char name[PATH_MAX];
	int n, fd;

	if (!S_ISREG(table->st_mode) || table->st_size < MAP_INDEX_LEAST)
		return -ENOENT;
	n = snprintf(name, sizeof(name), "%s" MAP_INDEX_SUFFIX, path);
	if (n < 0 || (size_t)n >= sizeof(name))
		return -ENAMETOOLONG;
	fd = open(name,
		  O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

/* ---- what both sides compute ---- */

struct map_index_table map_index_table_of(const struct stat *st)
{
	return (struct map_index_table){
		.inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_s = st->st_mtim.tv_sec,
		.mtime_ns = st->st_mtim.tv_nsec,
		.ctime_s = st->st_ctim.tv_sec,
		.ctime_ns = st->st_ctim.tv_nsec,
	};
}

void map_index_check_header(const struct digest_keyed *keyed,
			    const struct map_index_header *h,
			    uint8_t ret[DIGEST_KEYED_BYTES])
{
	struct digest_keyed d = *keyed;

	digest_keyed_add(&d, SLICE("header"));
	digest_keyed_add(
		&d, (struct slice){ (const char *)h,
				    offsetof(struct map_index_header, check) });
	digest_keyed_end(&d, ret);
}

void map_index_check_block(const struct digest_keyed *keyed, uint64_t at,
			   const struct map_index_block *b,
			   uint8_t ret[DIGEST_KEYED_BYTES])
{
	struct digest_keyed d = *keyed;

	digest_keyed_add(&d, SLICE("block"));
	digest_keyed_add(&d, (struct slice){ (const char *)&at, sizeof(at) });
	digest_keyed_add(&d, (struct slice){ (const char *)b + MAP_INDEX_CHECK,
					     sizeof(*b) - MAP_INDEX_CHECK });
	digest_keyed_end(&d, ret);
}

uint64_t map_index_hash(const struct digest_keyed *keyed, struct slice key)
{
	struct digest_keyed d = *keyed;
	uint8_t bytes[DIGEST_KEYED_BYTES];
	char folded[FOLD_ROOM];
	uint64_t hash;

	digest_keyed_add(&d, SLICE("key"));
	while (key.n > 0) {
		struct slice part = slice_upto(key, sizeof(folded));

		for (size_t i = 0; i < part.n; i++)
			folded[i] = ascii_lower(part.p[i]);
		digest_keyed_add(&d, (struct slice){ folded, part.n });
		key = slice_from(key, part.n);
	}
	digest_keyed_end(&d, bytes);
	memcpy(&hash, bytes, sizeof(hash));
	return hash;
}

uint64_t map_index_home(uint64_t hash, uint64_t blocks)
{
	return (hash >> 32) * blocks >> 32;
}

/* ---- does it belong to the table? ---- */

/* Who can write the index must be who can write the table. */
static bool trusted(const struct stat *st, const struct stat *table)
{
	if (!S_ISREG(st->st_mode))
		return false;
	if (st->st_uid != 0 && st->st_uid != table->st_uid)
		return false;
	return (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool header_says(const struct map_index_header *h,
			const struct stat *table, char separator)
{
	struct map_index_table now = map_index_table_of(table);

	return memcmp(h->magic, MAP_INDEX_MAGIC, sizeof(h->magic)) == 0 &&
	       h->version == MAP_INDEX_VERSION &&
	       h->separator == (unsigned char)separator &&
	       memcmp(&h->table, &now, sizeof(now)) == 0;
}

bool map_index_fits(int file, const struct stat *table, char separator,
		    struct map_index *ret)
{
	struct map_index ix = { .file = file };
	uint8_t check[DIGEST_KEYED_BYTES];
	struct map_index_header h;
	struct stat st;

	if (file < 0 || fstat(file, &st) < 0 || !trusted(&st, table))
		return false;
	if (file_read_at(file, &h, sizeof(h), 0) != sizeof(h) ||
	    !header_says(&h, table, separator))
		return false;
	digest_keyed_start(&ix.keyed, (struct slice){ (const char *)h.key,
						      sizeof(h.key) });
	map_index_check_header(&ix.keyed, &h, check);
	if (!digest_same(check, h.check, sizeof(check)))
		return false;
	if (h.blocks == 0 || h.blocks > UINT32_MAX ||
	    (uint64_t)st.st_size != (h.blocks + 1) * MAP_INDEX_BLOCK)
		return false;
	ix.blocks = h.blocks;
	*ret = ix;
	return true;
}

/* ---- looking up ---- */

static bool read_block(const struct map_index *ix, uint64_t at,
		       struct map_index_block *b)
{
	uint8_t check[DIGEST_KEYED_BYTES];

	if (file_read_at(ix->file, b, sizeof(*b), (at + 1) * sizeof(*b)) !=
	    sizeof(*b))
		return false;
	map_index_check_block(&ix->keyed, at, b, check);
	return digest_same(check, b->check, MAP_INDEX_CHECK) &&
	       b->n <= MAP_INDEX_ENTRIES;
}

/* What the line there says counts. */
static enum map_index_answer judge_line(struct slice text, char separator,
					struct slice key, uint64_t start)
{
	struct slice rest, line, own;

	if (start >= text.n || (start > 0 && text.p[start - 1] != '\n'))
		return MAP_INDEX_UNSURE;
	rest = slice_from(text, (size_t)start);
	if (!slice_field(&rest, '\n', &line) ||
	    !map_line_key(line, separator, &own))
		return MAP_INDEX_UNSURE;
	return slice_eq_nocase(own, key) ? MAP_INDEX_FOUND : MAP_INDEX_ABSENT;
}

static enum map_index_answer search(const struct map_index_block *b,
				    uint32_t tag, struct slice text,
				    char separator, struct slice key,
				    const struct map_index_entry **ret)
{
	enum map_index_answer a = MAP_INDEX_ABSENT;

	for (uint32_t i = 0; i < b->n && a == MAP_INDEX_ABSENT; i++) {
		if (b->entries[i].tag != tag)
			continue;
		a = judge_line(text, separator, key, b->entries[i].start);
		*ret = &b->entries[i];
	}
	return a;
}

enum map_index_answer map_index_find(const struct map_index *ix,
				     struct slice text, char separator,
				     struct slice key, size_t *ret_start,
				     unsigned *ret_line)
{
	const struct map_index_entry *e = NULL;
	enum map_index_answer a = MAP_INDEX_ABSENT;
	struct map_index_block b;
	uint64_t hash, at;

	/* a scan compares beyond the first separator, the index does not */
	if (slice_find(key, separator) < key.n)
		return MAP_INDEX_UNSURE;
	hash = map_index_hash(&ix->keyed, key);
	at = map_index_home(hash, ix->blocks);
	for (unsigned i = 0; i < MAP_INDEX_PROBES; i++) {
		if (!read_block(ix, at, &b))
			return MAP_INDEX_UNSURE;
		a = search(&b, (uint32_t)hash, text, separator, key, &e);
		if (a == MAP_INDEX_FOUND) {
			*ret_start = (size_t)e->start;
			*ret_line = e->line;
		}
		if (a != MAP_INDEX_ABSENT || !b.more)
			return a;
		at = (at + 1) % ix->blocks;
	}
	return MAP_INDEX_UNSURE;
}
