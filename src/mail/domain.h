/* SPDX-License-Identifier: ISC */
/* Domain names: RFC 5321 §4.1.2 (Domain), IDNA 2008; addr.h declares
 * addr_domain_ascii. */
#pragma once

#include "mail/addr.h"

/* The U-label form (NFC) of a name in A-labels, for people and for SMTPUTF8
 * peers. ADDR_OK, ADDR_DOMAIN_SYNTAX, ADDR_NO_MEMORY, ADDR_NO_IDNA. */
enum addr_trouble domain_unicode(struct slice ascii, struct arena *arena,
				 struct slice *ret) MUST_LOOK;
