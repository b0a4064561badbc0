/* SPDX-License-Identifier: ISC */
/* See pam.h: for what is linked with the library. */
#include "auth/pam.h"

const struct pam_module *pam_module(void)
{
	return &postern_pam;
}

bool pam_is_built(void)
{
	return true;
}
