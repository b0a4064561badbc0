/* SPDX-License-Identifier: ISC */
/* The process's own fence. Today: no_new_privs, no core dumps, not dumpable
 * or traceable, bounded memory. Called once the configuration is read. */
#pragma once

#include "base/base.h"

/* memory_max: of address space in bytes, 0 for no bound. 0 or -errno. */
int fence_raise(size_t memory_max) MUST_LOOK;
