/* SPDX-License-Identifier: ISC */
/* The index of a table, rightly sealed and full of lies: what it finds is the
 * key's line, whatever it says. The first octet is how many blocks there are,
 * then their contents. */
#include <assert.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "conf/map.h"
#include "conf/map_index_file.h"

#define BLOCKS_MAX 4

static const struct slice table =
	SLICE("alice: a\n bob: goes on\n# x: y\nBob : b\r\nalice: c\ncarl\n"
	      "dora: d");
static const struct slice keys[] = {
	SLICE("alice"), SLICE("bob"), SLICE("carl"),
	SLICE("dora"),  SLICE("eve"), SLICE("# x"),
};

struct forged {
	struct map_index_header header;
	char rest[MAP_INDEX_BLOCK - sizeof(struct map_index_header)];
	struct map_index_block blocks[BLOCKS_MAX];
};

static void seal(struct forged *f, const struct stat *st, uint64_t blocks)
{
	struct digest_keyed keyed;

	f->header = (struct map_index_header){ .version = MAP_INDEX_VERSION,
					       .separator = ':',
					       .blocks = blocks };
	memcpy(f->header.magic, MAP_INDEX_MAGIC, sizeof(f->header.magic));
	f->header.table = map_index_table_of(st);
	digest_keyed_start(&keyed, (struct slice){ (char *)f->header.key,
						   sizeof(f->header.key) });
	map_index_check_header(&keyed, &f->header, f->header.check);
	for (uint64_t i = 0; i < blocks; i++) {
		uint8_t check[DIGEST_KEYED_BYTES];

		map_index_check_block(&keyed, i, &f->blocks[i], check);
		memcpy(f->blocks[i].check, check, MAP_INDEX_CHECK);
	}
}

static void ask(const struct map_index *ix)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct slice line, rest, key;
		size_t start = 0;
		unsigned number;

		if (map_index_find(ix, table, ':', keys[i], &start, &number) !=
		    MAP_INDEX_FOUND)
			continue;
		assert(start < table.n);
		rest = slice_from(table, start);
		assert(slice_field(&rest, '\n', &line));
		assert(map_line_key(line, ':', &key));
		assert(slice_eq_nocase(key, keys[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct forged f = { 0 };
	struct map_index ix;
	struct stat st = { .st_size = (off_t)table.n };
	uint64_t blocks;
	int fd = memfd_create("index", MFD_CLOEXEC);

	if (size < 1)
		return close(fd);
	blocks = 1 + data[0] % BLOCKS_MAX;
	memcpy(f.blocks, data + 1,
	       size - 1 < sizeof(f.blocks) ? size - 1 : sizeof(f.blocks));
	st.st_uid = geteuid();
	seal(&f, &st, blocks);
	assert(fchmod(fd, 0600) == 0);
	assert(file_write(fd, (struct slice){ (char *)&f,
					      (blocks + 1) *
						      MAP_INDEX_BLOCK }) == 0);
	assert(map_index_fits(fd, &st, ':', &ix));
	ask(&ix);
	return close(fd);
}
