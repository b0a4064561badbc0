/* SPDX-License-Identifier: ISC */
/* NAME.uidl, line by line (uidl.h has the format). */
#pragma once

#include "store/uidl.h"

#define UIDL_FILE   ".uidl"
#define UIDL_NEXT   ".uidl.next"
#define UIDL_DIGEST 32 /* hex digits */
#define UIDL_LINE   128

#define UIDL_BLOCK 8192 /* octets read at once, behind the first line */

/* A reader; whatever the file holds, it ends. */
struct uidl_lines {
	int fd;
	uint64_t at;    /* of the next line */
	uint64_t from;  /* of the block, */
	size_t block_n; /* as much of it is there */
	char block[UIDL_BLOCK];
};

struct uidl_line {
	uint64_t at;
	uint64_t tag;      /* the digest's first half, as uidl_tag */
	struct slice all;  /* with its LF; until the next call, as is */
	struct slice text; /* "# NEXT" or a unique-id */
};

/* Nothing is read yet; the block is not touched, groups are looked up often. */
void uidl_lines_start(struct uidl_lines *l, int fd, uint64_t at);

/* 1, 0 at the end (or at something that is no such line), -errno. */
int uidl_lines_next(struct uidl_lines *l, struct uidl_line *ret) MUST_LOOK;

/* The digest as it stands there. */
void uidl_digest(const struct index_entry *e, char ret[UIDL_DIGEST + 1]);

/* "# 7" is 7; 0 where it is none. */
uint32_t uidl_next_of(struct slice text);

/* Which of the messages with that digest has `uid` for its own, if we were to
 * name it: 1 for "DIGEST", 7 for "DIGEST.7"; 0 for those that we never
 * give. */
uint32_t uidl_number_of(const struct index_entry *e, struct slice uid);
