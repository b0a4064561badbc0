/* SPDX-License-Identifier: ISC */
/* See module.h. */
#include "base/module.h"

#include <dlfcn.h>

#include "config.h"

/* A program in a build directory has it beside itself. */
static void *open_beside_us(const char *file)
{
	size_t n_file = strlen(file);
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - n_file - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	memcpy(slash + 1, file, n_file + 1);
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *open_installed(const char *file)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), PKGLIBDIR "/%s", file);

	return n < (int)sizeof(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL)
				     : NULL;
}

const struct module *module_load(const char *file, const char *symbol,
				 void **ret_library)
{
	const struct module *m;
	void *library = open_beside_us(file);

	if (!library)
		library = open_installed(file);
	m = library ? dlsym(library, symbol) : NULL;
	if (!m || strcmp(m->version, PACKAGE_VERSION) != 0)
		return NULL;
	if (ret_library)
		*ret_library = library;
	return m;
}

void module_unload(void *library)
{
	(void)dlclose(library); /* or it stays: no harm */
}
