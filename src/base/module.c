/* SPDX-License-Identifier: ISC */
/* See module.h. */
#include "base/module.h"

#include <dlfcn.h>

#include "config.h"

/* Where the program lies, up to and with the last '/'; empty where that cannot
 * be said. Asked once: /proc makes a file of it for whoever asks. */
static const char *our_folder(void)
{
	static char folder[PATH_MAX];
	static bool asked;
	ssize_t n;
	char *slash;

	if (asked)
		return folder;
	asked = true;
	n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	folder[n < 0 || n == sizeof(folder) - 1 ? 0 : n] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		slash[1] = '\0';
	return folder;
}

bool module_beside_us(const char *file, char ret_path[PATH_MAX])
{
	const char *folder = our_folder();

	return *folder &&
	       snprintf(ret_path, PATH_MAX, "%s%s", folder, file) < PATH_MAX;
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
