/* SPDX-License-Identifier: ISC */
/* See tls_module.h: for what is linked with the TLS library. */
#include "net/tls_module.h"

const struct tls_module *tls_module(void)
{
	return &postern_tls;
}
