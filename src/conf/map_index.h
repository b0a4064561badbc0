/* SPDX-License-Identifier: ISC */
/* The index of a large table (map.h): beside it, NAME.index, so that a look-up
 * reads a block or two and one line. The text stays the only truth: an index
 * is used only where it provably belongs to the table as it is now, and what
 * it says of a key is held against the line itself. Anything in doubt, and
 * the table is scanned.
 *
 * Blocks of MAP_INDEX_BLOCK octets, numbers as this host has them:
 *
 *     header   magic, version, separator, which table (inode, size, mtime,
 *              ctime), how many blocks and entries, a random key, a digest
 *     blocks   a digest, how many entries, whether some went on into the next
 *              block; entries: 32 bits of the key's hash, line, offset
 *
 * Which block is the hash's to say (HMAC-SHA-256 with the random key): nobody
 * can choose names that all fall into one. Each key stands there once, for its
 * first line. */
#pragma once

#include "base/digest.h"

#define MAP_INDEX_SUFFIX ".index"
#define MAP_INDEX_BLOCK  1024
#define MAP_INDEX_PROBES 4 /* blocks that a look-up reads at most */
/* A smaller table is scanned sooner than an index is opened. */
#define MAP_INDEX_LEAST (128U << 10)

struct stat;

struct map_index {
	int file; /* borrowed */
	uint64_t blocks;
	struct digest_keyed keyed;
};

/* Open the index of the table `path`, whose fstat(2) that is: descriptor, or
 * -errno; -ENOENT also for a table that needs none. */
int map_index_open(const char *path, const struct stat *table) MUST_LOOK;

/* Is `file` an index of this table, made for this state of it, by its owner or
 * by root? Then *ret can be asked. */
bool map_index_fits(int file, const struct stat *table, char separator,
		    struct map_index *ret) MUST_LOOK;

enum map_index_answer {
	MAP_INDEX_ABSENT,
	MAP_INDEX_FOUND,
	MAP_INDEX_UNSURE, /* damaged, or no question for an index: scan */
};

/* Ask for a key without blanks around it; text: of the table. */
enum map_index_answer map_index_find(const struct map_index *ix,
				     struct slice text, char separator,
				     struct slice key, size_t *ret_start,
				     unsigned *ret_line) MUST_LOOK;

enum map_index_made {
	MAP_INDEX_NONE, /* the table is small, or not there; no index is */
	MAP_INDEX_FITS, /* it was there */
	MAP_INDEX_MADE,
	MAP_INDEX_REMOVED, /* the table became small, or is gone */
};

/* Make, renew or remove the index of the table `path`, durably and at once. It
 * is the table's owner's and can be read by whom the table can. Waits where
 * the table has been written a moment ago, up to 3 s. 0 or -errno: -EBUSY, the
 * table changes meanwhile, or its times lie ahead of the clock; -EFBIG, too
 * many lines. Then what was there before is there, and no longer fits. */
int map_index_make(const char *path, char separator,
		   enum map_index_made *ret) MUST_LOOK;

/* The same where there is an index already, or 0. */
int map_index_renew(const char *path, char separator) MUST_LOOK;
