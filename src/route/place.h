/* SPDX-License-Identifier: ISC */
/* Does a name own a mailbox here? Users file, system accounts, and the
 * postmaster, whom RFC 5321 §4.5.1 wants to be reached. No aliases. */
#pragma once

#include "route/tables.h"

/* The mailbox of a local part in one of our domains (virtual: only what the
 * users file names in full). *ret's address is left alone. ROUTE_FOUND,
 * ROUTE_NO_USER, ROUTE_AGAIN. */
enum route_outcome place_find(const struct route *r, struct slice local,
			      struct slice domain, bool is_virtual,
			      struct arena *arena,
			      struct route_target *ret) MUST_LOOK;

/* "alice" of "alice+list"; the whole when there is no delimiter. */
struct slice place_base(const struct route *r, struct slice local);

/* Lower case (ASCII), as names are looked up. p == NULL: arena full. */
struct slice place_lower(struct slice s, struct arena *arena);
