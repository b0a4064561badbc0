/* SPDX-License-Identifier: ISC */
/* What was done to the disk, in order: one record for each call that changed
 * it, and marks that say where a step of the play began and ended. */
#pragma once

#include "base/slice.h"

struct times {
	struct timespec modified, changed; /* st_mtim, st_ctim */
};

enum op_kind {
	OP_WRITE,      /* data at `at` of `inode` */
	OP_SIZE,       /* `inode` is `at` octets long now */
	OP_MODE,       /* `inode` has `mode` now */
	OP_NAME,       /* `name` in the directory `inode` is `named` now */
	OP_RENAME,     /* the same, and `old_name` there is nothing any more */
	OP_UNLINK,     /* `name` in the directory `inode` is nothing */
	OP_SYNC_BEGIN, /* of `inode`; the end says where its begin stands */
	OP_SYNC_END,
	OP_BEGIN, /* step `step` begins; ends with `result` */
	OP_END,
};

struct op {
	enum op_kind kind;
	uint32_t inode, named;
	mode_t mode; /* OP_NAME: of what was born with it, else 0 */
	uint64_t at;
	struct slice data; /* owned */
	char *name, *old_name;
	bool whole; /* fsync, not fdatasync */
	struct times times;
	size_t step;
	int result;
};

struct log {
	struct op *ops;
	size_t n, room;
};

/* What `op` points to is copied. */
void log_add(struct log *l, const struct op *op);

/* The first `n` operations of `from`, behind what `to` holds; or only the
 * marks among them. */
void log_copy(struct log *to, const struct log *from, size_t n,
	      bool marks_only);
void log_reset(struct log *l);

/* For people: operations from..to of it. */
void log_print(const struct log *l, size_t from, size_t to);
