/* SPDX-License-Identifier: ISC */
/* See settings.h: looking things up in settings that are lists. */
#include "conf/settings.h"

bool words_have(const struct words *w, struct slice domain)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_eq_nocase(w->v[i], domain))
			return true;
	return false;
}

bool settings_own(const struct settings *s, struct slice domain)
{
	return words_have(&s->domains.local, domain) ||
	       words_have(&s->domains.virtual_, domain);
}

bool networks_have(const struct networks *n, const struct peer *p)
{
	for (size_t i = 0; i < n->n; i++)
		if (network_has(&n->v[i], p))
			return true;
	return false;
}

bool ports_have(const struct ports *p, uint16_t port)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] == port)
			return true;
	return false;
}
