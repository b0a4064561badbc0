/* SPDX-License-Identifier: ISC */
/* The index as octets: a header record, then blocks of entries, each with a
 * checksum. Written by its own machine for itself: native byte order, told by
 * the header. doc/store.md has the format. */
#pragma once

#include "store/index.h"
#include "store/uidl_sieve.h"

#define INDEX_HEADER 4096 /* the blocks begin there */
#define INDEX_BLOCK  4096
#define INDEX_PER    51 /* entries of a block */
#define INDEX_BLOCKS 16 /* of a window */

/* What it says about the mailbox it belongs to. */
struct index_identity {
	uint64_t inode, size;
	uint64_t mtime_s, mtime_ns, ctime_s, ctime_ns;
	uint64_t uidl_inode, uidl_size, uidl_ctime_s, uidl_ctime_ns;
};

struct index_header {
	struct index_identity identity;
	uint64_t n, octets, unread;
	uint64_t odd; /* entries with a number over 1 or a given unique-id */
};

/* An entry as it lies in a block. */
struct index_cell {
	uint64_t from, body, octets, header_octets, lines, uidl;
	uint8_t digest[INDEX_DIGEST];
	uint32_t head_n; /* start - from */
	uint32_t number;
	uint32_t tail_n; /* next - end */
	uint32_t read;
};

struct index_block {
	struct index_cell cells[INDEX_PER];
	char sum[16]; /* hex: of the cells */
};

struct index_window {
	uint64_t first; /* number of its first block */
	size_t n;       /* blocks */
	bool changed;
	struct index_block blocks[INDEX_BLOCKS];
};

/* Octets of NAME.uidl. Ids are asked for in their order, and lie there in as
 * many rows as it had passes. */
#define INDEX_ROWS 4
struct index_uidl {
	uint64_t at;
	uint64_t used; /* as the how manieth id was asked for */
	size_t n;
	char bytes[INDEX_BLOCK];
};

struct index {
	struct place place; /* its descriptors are borrowed */
	int fd;
	int uidl;   /* NAME.uidl once it is needed, or -1 */
	bool named; /* it lies in .postern, */
	bool fresh; /* as NAME.index.new yet */
	bool warm, extended;
	struct index_header header;
	struct index_window window;
	struct uidl_sieve *sieve; /* of all entries while they are added to a
				     new one, or NULL */
	struct index_uidl ids[INDEX_ROWS];
	uint64_t ids_asked;
};

void index_header_format(const struct index_header *h, char ret[INDEX_HEADER]);
int index_header_parse(struct slice bytes, struct index_header *ret) MUST_LOOK;

/* NAME.index as it lies there, whatever the mailbox is now. 0; -ENOENT;
 * -EBADMSG (no index, or damaged); -errno. */
int index_read(const struct place *p, struct index **ret) MUST_LOOK;

/* The mailbox and NAME.uidl as they are. 0 or -errno. */
int index_identify(const struct place *p, int mailbox,
		   struct index_identity *ret) MUST_LOOK;

/* Read or write the header. -EBADMSG when there is none. */
int index_read_header(int fd, struct index_header *ret) MUST_LOOK;
int index_write_header(int fd, const struct index_header *h) MUST_LOOK;

/* The cell of entry i, in the window; until the next call. Blocks behind
 * `known` entries are new and empty. Sets *ret to it, or returns -EBADMSG (the
 * block is damaged) or -errno. */
int index_cell(struct index *x, uint64_t known, uint64_t i,
	       struct index_cell **ret) MUST_LOOK;

/* Write the window if it was changed. */
int index_flush(struct index *x) MUST_LOOK;
