/* SPDX-License-Identifier: ISC */
/* Where libsystemd begins: see base/module.h. */
#pragma once

#include "base/module.h"

struct manager_module {
	struct module module;
	int (*sockets)(char ***ret_names);
	void (*tell)(const char *state);
};

/* The module's one symbol. */
#define MANAGER_MODULE_SYMBOL "postern_manager"
#define MANAGER_MODULE_FILE   "postern-manager.so"
extern const struct manager_module postern_manager;
