/* SPDX-License-Identifier: ISC */
/* The hosts behind a next hop: RFC 5321 §5.1 (MX, implicit MX, not back to
 * ourselves), RFC 7505 (null MX). Never more than HOSTS_MAX of them. */
#include "route/engine.h"

#define MX_MAX           10
#define MX_ADDRESSES_MAX 10
#define HOSTS_MAX        30

struct hunt {
	struct dns *dns;
	struct arena *arena;
	struct route_host v[HOSTS_MAX];
	size_t n;
	uint16_t port;
	bool sure;  /* of the names: fixed, the domain's own, or DNSSEC */
	bool again; /* a question stayed without an answer */
};

/* Add a host's addresses; what it has none of only leaves it out. */
static enum dns_outcome add_host(struct hunt *h, struct slice name)
{
	struct slice *ips = NULL;
	size_t n = 0;
	enum dns_outcome o = dns_addresses(h->dns, name, h->arena, &ips, &n);

	if (o == DNS_AGAIN || o == DNS_BROKEN)
		h->again = true;
	if (o != DNS_FOUND)
		return o;
	if (n > MX_ADDRESSES_MAX)
		n = MX_ADDRESSES_MAX;
	for (size_t i = 0; i < n && h->n < HOSTS_MAX; i++)
		h->v[h->n++] =
			(struct route_host){ name, ips[i], h->port, h->sure };
	return o;
}

static enum route_hosts outcome(const struct hunt *h, enum dns_outcome last)
{
	if (h->n > 0)
		return ROUTE_HOSTS_FOUND;
	if (h->again)
		return ROUTE_HOSTS_AGAIN;
	return last == DNS_NO_NAME ? ROUTE_HOSTS_NO_NAME : ROUTE_HOSTS_NONE;
}

/* How many of them stand before ourselves: they are sorted. */
static size_t before_us(const struct route *r, const struct dns_mx *mx,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!slice_eq_nocase(mx[i].host, r->settings->host.name))
			continue;
		/* equals in preference are in random order */
		while (i > 0 && mx[i - 1].preference == mx[i].preference)
			i--;
		return i;
	}
	return n;
}

static enum route_hosts by_mx(const struct route *r, struct hunt *h,
			      const struct dns_mx *mx, size_t n)
{
	size_t keep = before_us(r, mx, n);

	if (n == 1 && mx[0].host.n == 0)
		return ROUTE_HOSTS_NULL_MX;
	if (keep == 0)
		return ROUTE_HOSTS_SELF;
	for (size_t i = 0; i < keep && i < MX_MAX; i++)
		if (mx[i].host.n > 0)
			(void)add_host(h, mx[i].host); /* the next may do */
	return outcome(h, DNS_NO_DATA);
}

static enum route_hosts by_name(const struct route *r, struct hunt *h,
				struct slice name)
{
	struct dns_mx *mx = NULL;
	size_t n = 0;
	bool secure;

	switch (dns_mx(h->dns, name, h->arena, &mx, &n, &secure)) {
	case DNS_FOUND:
		h->sure = secure;
		return by_mx(r, h, mx, n);
	case DNS_NO_NAME:
		return ROUTE_HOSTS_NO_NAME;
	case DNS_NO_DATA:
		break;
	case DNS_AGAIN:
	case DNS_BROKEN:
		return ROUTE_HOSTS_AGAIN;
	}
	if (slice_eq_nocase(name, r->settings->host.name))
		return ROUTE_HOSTS_SELF;
	return outcome(h, add_host(h, name));
}

/* [192.0.2.1], [IPv6:2001:db8::1], [mx.example.net] */
static enum route_hosts fixed(struct hunt *h, struct slice host)
{
	struct slice ip = slice_starts_nocase(host, SLICE("IPv6:"))
				  ? slice_from(host, 5)
				  : host;
	struct peer p;

	if (peer_parse(ip, &p) < 0)
		return outcome(h, add_host(h, host));
	h->v[h->n++] = (struct route_host){
		arena_printf(h->arena, "[%.*s]", SLICE_ARG(host)),
		arena_copy(h->arena, ip),
		h->port,
		true,
	};
	return h->v[0].name.p && h->v[0].ip.p ? ROUTE_HOSTS_FOUND
					      : ROUTE_HOSTS_AGAIN;
}

enum route_hosts route_hosts(struct route *r, struct dns *dns,
			     struct slice next_hop, struct arena *arena,
			     struct route_host **ret, size_t *ret_n)
{
	struct hunt h = { .dns = dns, .arena = arena, .sure = true };
	struct route_host *v;
	enum route_hosts o;
	struct hop hop;

	if (!hop_parse(next_hop, &hop) || hop.host.n == 0)
		return ROUTE_HOSTS_NO_NAME;
	h.port = hop.port > 0 ? hop.port : (uint16_t)r->settings->relay.port;
	o = hop.fixed ? fixed(&h, hop.host) : by_name(r, &h, hop.host);
	if (o != ROUTE_HOSTS_FOUND)
		return o;
	v = arena_alloc(arena, h.n * sizeof(*v));
	if (!v)
		return ROUTE_HOSTS_AGAIN;
	memcpy(v, h.v, h.n * sizeof(*v));
	*ret = v;
	*ret_n = h.n;
	return o;
}
