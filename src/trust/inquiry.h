/* SPDX-License-Identifier: ISC */
/* What others say of an address: the lists of [trust] (RFC 5782) and the tree
 * of reverse names, all asked at the same time. A list that does not answer
 * says nothing. */
#pragma once

#include "conf/settings.h"
#include "net/dns.h"

struct inquiry {
	/* The first list of each kind that names it; or NULL. */
	const struct dns_list *allowed, *suspected, *refused;
	/* Why, by the worst of those that hold it up; may be empty. Anybody's
	 * octets. */
	struct slice reason;
	/* Lists that answer no question of ours; .n 0: none. */
	struct slice sour[SETTINGS_LISTS_MAX];
	size_t n_sour;
	size_t n_asked, n_unheard; /* questions, and those without an answer */
	struct slice name; /* leads to the address, and it to the name */
	bool nameless;     /* there is no such name; false: or not known */
};

/* Is there anything to ask? */
bool inquiry_wanted(const struct settings *s);

/* Ask, for s->trust.wait_ms at most. What is returned lives in `arena` and in
 * the settings. */
void inquiry_make(struct dns *d, const struct settings *s, const struct peer *p,
		  struct arena *arena, struct inquiry *ret);
