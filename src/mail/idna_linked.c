/* SPDX-License-Identifier: ISC */
/* See idna.h: for what is linked with the library. */
#include "mail/idna.h"

const struct idna *idna(void)
{
	return &postern_idna;
}
