/* SPDX-License-Identifier: ISC */
/* What an account of the system may do with a file, by its mode: for root,
 * who may do all and wants to know about others. */
#pragma once

#include <sys/stat.h>

#include "base/base.h"

#define RIGHTS_GROUPS_MAX 64

struct rights {
	const char *name;
	uid_t uid;
	gid_t groups[RIGHTS_GROUPS_MAX];
	int n_groups;
};

/* 0, or -ENOENT: no such account. */
int rights_of(const char *name, struct rights *ret) MUST_LOOK;

/* want: bits of 07 as in a mode: 4 read, 2 write, 1 search. */
bool rights_allow(const struct rights *a, const struct stat *st, unsigned want);

/* The same for a file by its absolute path, to which the folders above it must
 * let the account, too. One that is not there: true. */
bool rights_reach(const struct rights *a, const char *path, unsigned want);
