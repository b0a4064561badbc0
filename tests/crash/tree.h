/* SPDX-License-Identifier: ISC */
/* A mail directory as a value: what a disk holds. Numbers of inodes stay the
 * same from one tree to the next, so that what the store wrote down about them
 * stays true on a disk put together anew. */
#pragma once

#include "log.h"

struct node {
	uint32_t inode;
	mode_t mode;
	struct slice content; /* owned */
	struct times times;
};

struct entry {
	uint32_t dir, inode;
	char name[256];
};

struct tree {
	struct node *nodes;
	size_t n;
	struct entry *entries;
	size_t entries_n;
	uint32_t last_inode; /* that was ever used */
};

struct node *tree_node(const struct tree *t, uint32_t inode); /* or NULL */
struct node *tree_add(struct tree *t, uint32_t inode, mode_t mode);
/* `name` in `dir` is `inode` now; 0: nothing. */
void tree_name(struct tree *t, uint32_t dir, const char *name, uint32_t inode);
uint32_t tree_find(const struct tree *t, uint32_t dir, const char *name);

/* Read what is below `path`, all of it made while the recorder watched. */
void tree_capture(const char *path, struct tree *ret);
/* Make it so below `path`, which is made, and tell the recorder. */
void tree_put(const struct tree *t, const char *path);
/* Remove `path` and all below it. */
void tree_clear(const char *path);
void tree_done(struct tree *t);
