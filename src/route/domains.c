/* SPDX-License-Identifier: ISC */
/* Which domains are ours, and what a name without one means. Includes
 * postmaster, who is to be reached at all of them: RFC 5321 §4.5.1. */
#include "route/engine.h"

bool domain_is_local(const struct route *r, const struct addr *a)
{
	const struct settings *s = r->settings;

	if (a->kind == ADDR_NO_DOMAIN)
		return true;
	if (s->domains.local.n == 0)
		return slice_eq_nocase(a->ascii, s->host.name);
	return words_have(&s->domains.local, a->ascii);
}

bool domain_is_virtual(const struct route *r, const struct addr *a)
{
	return a->kind != ADDR_NO_DOMAIN &&
	       words_have(&r->settings->domains.virtual_, a->ascii);
}

bool route_is_local(struct route *r, const struct addr *address)
{
	return domain_is_local(r, address) || domain_is_virtual(r, address);
}

struct addr domain_complete(const struct route *r, struct addr a)
{
	const struct settings *s = r->settings;

	if (a.kind != ADDR_NO_DOMAIN)
		return a;
	a.kind = ADDR_NAME;
	a.domain = a.ascii =
		s->domains.local.n > 0 ? s->domains.local.v[0] : s->host.name;
	return a;
}

bool domain_is_postmaster(const struct route *r, const struct addr *a)
{
	return slice_eq_nocase(a->local, SLICE("postmaster")) &&
	       (domain_is_local(r, a) || domain_is_virtual(r, a));
}
