/* SPDX-License-Identifier: ISC */
/* The published directory, as doc/tls.md describes it: what the handlers read.
 * Every change is a rename, so that they see the old file or the new one. */
#pragma once

#include "base/buf.h"

#define SHELF_GROUP     "postern-tls"
#define SHELF_FILE_MAX  (512U << 10)
#define SHELF_NAMES_MAX 4096

struct shelf {
	int dir;
	long gid; /* of SHELF_GROUP; -1: as it comes */
};

/* Make it where it is missing (0750 root:postern-tls). 0 or -errno. */
int shelf_open(const char *path, bool make, struct shelf *ret) MUST_LOOK;
void shelf_close(struct shelf *s);

/* 1: written; 0: it was there already, just so; or -errno. */
int shelf_put(struct shelf *s, const char *name, struct slice bytes) MUST_LOOK;

/* 0 or -errno; `ret` is emptied first. */
int shelf_get(struct shelf *s, const char *name, struct buf *ret) MUST_LOOK;

int shelf_remove(struct shelf *s, const char *name) MUST_LOOK;

/* Names with this end, sorted, malloc'd: free each and the list. */
int shelf_list(struct shelf *s, const char *suffix, char ***ret_names,
	       size_t *ret_n) MUST_LOOK;

/* Is it older than so many seconds, or not there? */
bool shelf_is_older(struct shelf *s, const char *name, int64_t seconds);

/* A published pair begins with the path of its source; SLICE_NONE: not so. */
#define SHELF_FROM "# from "
struct slice shelf_source(struct slice pem);
