/* SPDX-License-Identifier: ISC */
/* Landlock, by its bare system calls: Debian 12 has no library for it, and its
 * headers know two of the versions that kernels have by now. */
#pragma once

#include "base/base.h"

/* What may be done below a directory, or to a file. */
enum {
	LAND_RUN = 1 << 0,
	LAND_WRITE = 1 << 1,
	LAND_READ = 1 << 2,
	LAND_LIST = 1 << 3,
	LAND_REMOVE_DIR = 1 << 4,
	LAND_REMOVE = 1 << 5,
	LAND_MAKE_DIR = 1 << 7,
	LAND_MAKE = 1 << 8,
	LAND_MOVE = 1 << 13,     /* since version 2 */
	LAND_TRUNCATE = 1 << 14, /* since 3 */
};

/* Version of the interface; 0: none, or only the first, under which no file
 * can be moved from one directory to another. */
unsigned landlock_version(void);

/* An empty set of rules: with it nothing can be opened, made or removed and,
 * where the kernel knows how, no signal be sent to others and, unless `tcp`,
 * no connection made or awaited. Descriptor, or -errno. */
int landlock_new(unsigned version, bool tcp) MUST_LOOK;

/* Allow it for a file, or for all below a directory. A place that is not there
 * is passed over. 0 or -errno. */
int landlock_allow(int rules, unsigned version, const char *path,
		   unsigned what) MUST_LOOK;
int landlock_allow_fd(int rules, unsigned version, int fd,
		      unsigned what) MUST_LOOK;

/* From now on, for this process and all it will fork. Needs no_new_privs. */
int landlock_enter(int rules) MUST_LOOK;
