/* SPDX-License-Identifier: ISC */
/* See manager.h: a manager that libsystemd knows of. */
#include "main/manager.h"

#include "main/manager_module.h"

static const struct manager_module *module;
static void *library;

int manager_sockets(char ***ret_names)
{
	*ret_names = NULL;
	/* nothing of this kind: not worth the library */
	if (!getenv("LISTEN_PID") || !getenv("LISTEN_FDS"))
		return 0;
	module = (const void *)module_load(MANAGER_MODULE_FILE,
					   MANAGER_MODULE_SYMBOL, &library);
	return module ? module->sockets(ret_names) : -ENOENT;
}

void manager_names_done(char **names)
{
	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}

void manager_tell(const char *state)
{
	if (module)
		module->tell(state);
}

void manager_forget(void)
{
	if (module)
		module_unload(library);
	module = NULL;
}
