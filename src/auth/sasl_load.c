/* SPDX-License-Identifier: ISC */
/* See sasl.h: the module as a program finds it. */
#include "auth/sasl.h"

static const struct sasl_module *module;

const struct sasl_module *sasl_module(void)
{
	if (!module)
		module = (const void *)module_load(SASL_MODULE_FILE,
						   SASL_MODULE_SYMBOL, NULL);
	return module;
}

bool sasl_is_loaded(void)
{
	return module != NULL;
}
