/* SPDX-License-Identifier: ISC */
/* Filling an index: from a scan of the mailbox, or from an older index. */
#pragma once

#include "store/index_file.h"

/* A new, empty index file: NAME.index.new, or where nothing can be written
 * memory that looks like one. 0 or -errno. */
int index_new(const struct place *p, struct index **ret) MUST_LOOK;

/* Scan the mailbox from `at` (a From_ line) to `size` and add what is there.
 * Errors as scan_mailbox. */
int index_scan(struct index *x, int mailbox, uint64_t at,
	       uint64_t size) MUST_LOOK;

/* Add a cell. */
int index_add(struct index *x, const struct index_cell *c) MUST_LOOK;

/* All is there: number the messages from `first` on, write the header, and
 * give a new file its name. */
int index_finish(struct index *x, int mailbox, uint64_t first) MUST_LOOK;

/* A new file that will not be finished. */
void index_unlink_new(const struct place *p);
