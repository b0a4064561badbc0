/* SPDX-License-Identifier: ISC */
/* See module.h. */
#include "base/module.h"

#include <dlfcn.h>

#include "config.h"

bool module_beside_us(const char *file, char ret_path[PATH_MAX])
{
	size_t n_file = strlen(file);
	ssize_t n = readlink("/proc/self/exe", ret_path, PATH_MAX - n_file - 1);
	char *slash;

	if (n <= 0)
		return false;
	ret_path[n] = '\0';
	slash = strrchr(ret_path, '/');
	if (!slash)
		return false;
	memcpy(slash + 1, file, n_file + 1);
	return true;
}

static void *open_beside_us(const char *file)
{
	char path[PATH_MAX];

	return module_beside_us(file, path)
		       ? dlopen(path, RTLD_NOW | RTLD_LOCAL)
		       : NULL;
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
	if (!library)
		return NULL;
	m = dlsym(library, symbol);
	if (!m || strcmp(m->version, PACKAGE_VERSION) != 0) {
		module_unload(library);
		return NULL;
	}
	if (ret_library)
		*ret_library = library;
	return m;
}

void module_unload(void *library)
{
	(void)dlclose(library); /* or it stays: no harm */
}
