/* SPDX-License-Identifier: ISC */
/* See pam.h: built without it. */
#include "auth/pam.h"

const struct pam_module *pam_module(void)
{
	return NULL;
}

bool pam_is_built(void)
{
	return false;
}
