/* SPDX-License-Identifier: ISC */
/* A library that few processes need is linked with a module of ours, which is
 * loaded where it is needed: to load GnuTLS or libsystemd costs more than most
 * sessions do. A module has one symbol, a table of functions. */
#pragma once

#include "base/base.h"

/* Every table begins with it. */
struct module {
	const char *version; /* the program's own, or it is not used */
};

/* The table `symbol` of the module `file`, which lies beside the program (a
 * build directory) or where it was installed. NULL: it is not there, or of
 * another version: a program of before an upgrade must not call into what came
 * with it. *ret_library: for module_unload, once the table is of no more use;
 * ret_library is NULL where it stays. */
const struct module *module_load(const char *file, const char *symbol,
				 void **ret_library);
void module_unload(void *library);

/* Where it would be beside the program. False: nowhere. */
bool module_beside_us(const char *file, char ret_path[PATH_MAX]);
