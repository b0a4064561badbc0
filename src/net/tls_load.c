/* SPDX-License-Identifier: ISC */
/* See tls_module.h: the module as a program finds it. */
#include "net/tls_module.h"

const struct tls_module *tls_module(void)
{
	static const struct tls_module *module;

	if (!module)
		module = (const void *)module_load(TLS_MODULE_FILE,
						   TLS_MODULE_SYMBOL, NULL);
	return module;
}
