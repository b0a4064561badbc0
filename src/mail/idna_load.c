/* SPDX-License-Identifier: ISC */
/* See idna.h: the module as a program finds it. */
#include "mail/idna.h"

const struct idna *idna(void)
{
	static const struct idna *module;

	if (!module)
		module =
			(const void *)module_load(IDNA_FILE, IDNA_SYMBOL, NULL);
	return module;
}
