/* SPDX-License-Identifier: ISC */
/* Going elsewhere: the next hop of a domain, and the hosts behind it. RFC
 * 5321 §5.1 (MX), RFC 7505 (null MX). */
#include "route/hop.h"
#include "route/place.h"

#define HOSTS_MAX    30
#define MX_HOSTS_MAX 10

/* ---- next hop ---- */

/* The value for the domain, its parents, or "*". 1 found, 0 not, -errno. */
static int find_route(struct route *r, struct slice domain, struct arena *arena,
		      struct slice *ret)
{
	int found = map_find(r->routes, domain, arena, ret, NULL);
	size_t dot = 0;

	while (found == 0 && (dot += slice_find(slice_from(domain, dot), '.'),
			      dot < domain.n)) {
		found = map_find(r->routes, slice_from(domain, dot), arena, ret,
				 NULL);
		dot++;
	}
	return found == 0 ? map_find(r->routes, SLICE("*"), arena, ret, NULL)
			  : found;
}

enum route_outcome route_next_hop(struct route *r, struct slice domain,
				  struct arena *arena,
				  struct slice *ret_next_hop)
{
	struct slice lower = place_lower(domain, arena), value;
	struct hop hop;
	int found;

	if (!lower.p)
		return ROUTE_AGAIN;
	found = find_route(r, lower, arena, &value);
	if (found < 0)
		return ROUTE_AGAIN;
	if (found == 0)
		value = r->settings->relay.smarthost;
	if (value.n == 0) {
		*ret_next_hop = lower;
		return ROUTE_FOUND;
	}
	if (hop_parse(slice_trim(value), &hop) < 0)
		return ROUTE_BROKEN;
	*ret_next_hop = hop.name.n > 0
				? place_lower(slice_trim(value), arena)
				: arena_printf(arena, "%.*s:%u",
					       SLICE_ARG(lower), hop.port);
	return ret_next_hop->p ? ROUTE_FOUND : ROUTE_AGAIN;
}

/* ---- hosts ---- */

struct search {
	struct dns *dns;
	struct arena *arena;
	struct route_host *hosts;
	size_t n;
	uint16_t port;
	bool again; /* a look-up failed for now */
};

static bool add_host(struct search *s, struct slice name, struct slice ip)
{
	if (s->n < HOSTS_MAX)
		s->hosts[s->n++] = (struct route_host){ name, ip, s->port };
	return s->n < HOSTS_MAX;
}

static enum dns_outcome add_addresses(struct search *s, struct slice name)
{
	struct slice *ips = NULL;
	size_t n = 0;
	enum dns_outcome o = dns_addresses(s->dns, name, s->arena, &ips, &n);

	for (size_t i = 0; o == DNS_FOUND && i < n; i++)
		if (!add_host(s, name, ips[i]))
			break;
	s->again |= o == DNS_AGAIN || o == DNS_BROKEN;
	return o;
}

static enum route_hosts outcome(const struct search *s)
{
	if (s->n > 0)
		return ROUTE_HOSTS_FOUND;
	return s->again ? ROUTE_HOSTS_AGAIN : ROUTE_HOSTS_NONE;
}

/* A fixed host: an address, or a name whose addresses are taken. */
static enum route_hosts fixed_host(struct search *s, struct slice name)
{
	struct peer p;

	if (peer_parse(name, &p) == 0)
		(void)add_host(s, name, name);
	else if (add_addresses(s, name) == DNS_NO_NAME)
		return ROUTE_HOSTS_NO_NAME;
	return outcome(s);
}

/* RFC 5321 §5.1: without MX the name itself, and only then. */
static enum route_hosts implicit_mx(struct search *s, struct slice domain)
{
	if (add_addresses(s, domain) == DNS_NO_NAME)
		return ROUTE_HOSTS_NO_NAME;
	return outcome(s);
}

/* How many come before ourselves in the list: the others would only send it
 * back to us (RFC 5321 §5.1). */
static size_t before_us(const struct dns_mx *mx, size_t n, struct slice us)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_nocase(mx[i].host, us))
			for (size_t j = 0; j < n; j++)
				if (mx[j].preference == mx[i].preference)
					return j;
	return n;
}

static enum route_hosts by_mx(struct search *s, struct slice us,
			      struct slice domain)
{
	struct dns_mx *mx = NULL;
	size_t n = 0, most;
	bool secure = false;

	switch (dns_mx(s->dns, domain, s->arena, &mx, &n, &secure)) {
	case DNS_FOUND:
		break;
	case DNS_NO_DATA:
		return implicit_mx(s, domain);
	case DNS_NO_NAME:
		return ROUTE_HOSTS_NO_NAME;
	case DNS_AGAIN:
	case DNS_BROKEN:
		return ROUTE_HOSTS_AGAIN;
	}
	if (n == 1 && mx[0].host.n == 0)
		return ROUTE_HOSTS_NULL_MX;
	most = before_us(mx, n, us);
	if (most == 0)
		return ROUTE_HOSTS_SELF;
	for (size_t i = 0; i < most && i < MX_HOSTS_MAX; i++)
		(void)add_addresses(s, mx[i].host); /* noted in `again` */
	return outcome(s);
}

enum route_hosts route_hosts(struct route *r, struct dns *dns,
			     struct slice next_hop, struct arena *arena,
			     struct route_host **ret, size_t *ret_n)
{
	struct search s = { .dns = dns, .arena = arena };
	enum route_hosts o;
	struct hop hop;

	if (hop_parse(next_hop, &hop) < 0)
		return ROUTE_HOSTS_NONE;
	s.hosts = arena_alloc(arena, HOSTS_MAX * sizeof(*s.hosts));
	if (!s.hosts)
		return ROUTE_HOSTS_AGAIN;
	s.port = hop.port > 0 ? hop.port : (uint16_t)r->settings->relay.port;
	hop.name = arena_copy(arena, hop.name);
	o = hop.fixed ? fixed_host(&s, hop.name)
		      : by_mx(&s, r->settings->host.name, hop.name);
	if (o == ROUTE_HOSTS_FOUND) {
		*ret = s.hosts;
		*ret_n = s.n;
	}
	return o;
}
