/* SPDX-License-Identifier: ISC */
/* RFC 5321 §4.1.2: Reverse-path, Forward-path. Source routes are read and
 * ignored (§4.1.1.3, appendix C); their syntax still counts. */
#pragma once

#include "mail/addr.h"

/* Cut "<…>" off the front of *rest. lenient blanks before "<" are allowed.
 * `ret->local.p == NULL` for "<>" (only if null_ok). bare_ok: a local
 * part alone (<postmaster>; which others may be, the caller knows). On failure
 * *rest is untouched. */
enum addr_trouble path_parse(struct slice *rest, bool null_ok, bool bare_ok,
			     struct arena *arena, struct addr *ret) MUST_LOOK;
