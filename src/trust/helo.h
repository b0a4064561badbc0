/* SPDX-License-Identifier: ISC */
/* What a peer calls itself, held against what it must be. DNS is not asked: a
 * name that does not lead to the peer is no reason to refuse its mail (RFC 5321
 * §4.1.4). */
#pragma once

#include "conf/settings.h"

/* What is wrong with the name, in words; NULL: nothing. Wrong is: our own name
 * or a domain of ours, another's address as a literal, and what is neither a
 * full name nor a literal (RFC 5321 §2.3.5, 4.1.3). */
const char *helo_trouble(const struct settings *s, const struct peer *p,
			 struct slice name);
