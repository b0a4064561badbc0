/* SPDX-License-Identifier: ISC */
/* How an index lies on the disk: for who reads and who makes it only. */
#pragma once

#include <assert.h>

#include "conf/map_index.h"

struct stat;

#define MAP_INDEX_MAGIC   "postern index\r\n\032"
#define MAP_INDEX_VERSION 1U /* of other byte order: another version */
#define MAP_INDEX_ENTRIES 63
#define MAP_INDEX_CHECK   8 /* octets of a block's digest */

/* A state of a table. Not its device: those are numbered anew with each boot,
 * and the index lies in the same directory. */
struct map_index_table {
	uint64_t inode, size;
	int64_t mtime_s, mtime_ns, ctime_s, ctime_ns;
};

struct map_index_header {
	char magic[16];
	uint32_t version;
	uint32_t separator;
	struct map_index_table table;
	uint64_t blocks;
	uint64_t entries;
	uint8_t key[DIGEST_KEYED_BYTES];
	uint8_t check[DIGEST_KEYED_BYTES]; /* of all above */
};

struct map_index_entry {
	uint32_t tag;
	uint32_t line;
	uint64_t start;
};

struct map_index_block {
	uint8_t check[MAP_INDEX_CHECK]; /* of its number and all below */
	uint32_t n;
	uint32_t more; /* 1: look into the next one as well */
	struct map_index_entry entries[MAP_INDEX_ENTRIES];
};

static_assert(sizeof(struct map_index_block) == MAP_INDEX_BLOCK,
	      "a block is read at once");
static_assert(sizeof(struct map_index_header) <= MAP_INDEX_BLOCK,
	      "the header is a block");

struct map_index_table map_index_table_of(const struct stat *st);

/* HMAC of the header, and of block number `at` (its first octets). */
void map_index_check_header(const struct digest_keyed *keyed,
			    const struct map_index_header *h,
			    uint8_t ret[DIGEST_KEYED_BYTES]);
void map_index_check_block(const struct digest_keyed *keyed, uint64_t at,
			   const struct map_index_block *b,
			   uint8_t ret[DIGEST_KEYED_BYTES]);

/* Of a key, its case ignored; and which block that means: the upper half. */
uint64_t map_index_hash(const struct digest_keyed *keyed, struct slice key);
uint64_t map_index_home(uint64_t hash, uint64_t blocks);
