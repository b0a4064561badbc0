/* SPDX-License-Identifier: ISC */
/* The model of the disk: from the tree there was and the log of what was done
 * since, what a power cut may leave. README.md says what is assumed.
 *
 * Everything that the disk holds is cut into units that change one by one: a
 * sector of a file, its size, its times, a name in a directory. Each has its
 * versions, in the order in which the operations made them; after a power cut
 * it is found in any version from the last one that was flushed on. */
#pragma once

#include "tree.h"

#define SECTOR 512

enum unit_kind { UNIT_SECTOR, UNIT_SIZE, UNIT_TIMES, UNIT_NAME };

struct version {
	size_t op; /* number of the operation that made it, 1 …; 0: none */
	char *sector;
	uint64_t size;
	struct times times;
};

struct unit {
	enum unit_kind kind;
	uint32_t inode;
	uint64_t at; /* UNIT_SECTOR: which */
	struct version *v;
	size_t n;     /* versions; the last one is in the cache */
	size_t floor; /* the last one that is on the disk for sure */
};

struct disk {
	const struct tree *base;
	const struct log *log;
	size_t done; /* operations of the log that have happened */
	struct unit *units;
	size_t n;
	struct file *files; /* as the cache has them */
	size_t files_n;
};

void disk_start(struct disk *d, const struct tree *base, const struct log *log);
void disk_done(struct disk *d);

/* Let the next operation of the log happen. */
void disk_step(struct disk *d);

/* Can it be found in more than one version, and does it matter? */
bool disk_pending(const struct disk *d, size_t unit);

/* The tree in which unit i is found in version choice[i]; choice[i] is between
 * floor and n - 1. NULL: all in the last one. */
void disk_tree(const struct disk *d, const uint16_t *choice, struct tree *ret);

/* A number that tells such trees from others. */
uint64_t disk_hash(const struct disk *d, const uint16_t *choice);

/* For people: the pending units and their versions. */
void disk_print(const struct disk *d, const uint16_t *choice);
