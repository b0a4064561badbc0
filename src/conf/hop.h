/* SPDX-License-Identifier: ISC */
/* How much TLS a next hop is spoken to with. RFC 3207, 7435. */
#pragma once

#include "base/slice.h"

/* Each wants what those before it want, and more. */
enum tls_policy {
	TLS_NEVER,
	TLS_OPPORTUNISTIC, /* where offered, else in the clear (RFC 7435) */
	TLS_REQUIRED,      /* encrypted, whoever it is */
	TLS_VERIFY,        /* and the certificate is good for its name */
};
