/* SPDX-License-Identifier: ISC */
/* See pam.h: the module as a program finds it. */
#include "auth/pam.h"

const struct pam_module *pam_module(void)
{
	static const struct pam_module *module;

	if (!module)
		module = (const void *)module_load(PAM_MODULE_FILE,
						   PAM_MODULE_SYMBOL, NULL);
	return module;
}

bool pam_is_built(void)
{
	return true;
}
