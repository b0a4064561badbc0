/* SPDX-License-Identifier: ISC */
/* See tls_module.h: the module as a program finds it. */
#include "net/tls_module.h"

#include <dlfcn.h>

#include "config.h"

/* A program in a build directory has it beside itself. */
static void *open_beside_us(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path,
			     sizeof(path) - sizeof(TLS_MODULE_FILE));
	char *slash;

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	memcpy(slash + 1, TLS_MODULE_FILE, sizeof(TLS_MODULE_FILE));
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static const struct tls_module *load(void)
{
	void *library = open_beside_us();
	const struct tls_module *m;

	if (!library)
		library = dlopen(PKGLIBDIR "/" TLS_MODULE_FILE,
				 RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return NULL;
	m = dlsym(library, TLS_MODULE_SYMBOL);
	/* a program of before an upgrade must not call into what came with it
	 */
	return m && strcmp(m->version, PACKAGE_VERSION) == 0 ? m : NULL;
}

const struct tls_module *tls_module(void)
{
	static const struct tls_module *module;

	if (!module)
		module = load();
	return module;
}
