/* SPDX-License-Identifier: ISC */
/* See dns.h. glibc's resolver asks and parses (res_nquery(3), ns_initparse);
 * this file knows what mail wants to know. */
#include "net/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/random.h>

#include "base/buf.h"
#include "net/dns_engine.h"
#include "net/server.h"

#define RECORDS_MAX   64
#define ADDRESSES_MAX 32
#define DNS_PORT      53

static int use_server(struct dns *d, const char *server)
{
	union server_address a;
	socklen_t n;

	if (server_parse(server, DNS_PORT, &a, &n) < 0)
		return -EINVAL;
	d->state.nscount = 1;
	if (a.any.sa_family == AF_INET) {
		d->state.nsaddr_list[0] = a.v4;
		return 0;
	}
	d->v6 = a.v6;
	d->state.nsaddr_list[0].sin_family = 0; /* "look at _ext" */
	d->state._u._ext.nsaddrs[0] = &d->v6;
	d->state._u._ext.nscount = 1;
	return 0;
}

int dns_new(const char *server, unsigned timeout_s, struct dns **ret)
{
	struct dns *d = calloc(1, sizeof(*d));
	int r = 0;

	if (!d)
		return -ENOMEM;
	if (res_ninit(&d->state) != 0) {
		free(d);
		return -ENOMEM;
	}
	d->state.options |= RES_USE_EDNS0 | RES_TRUSTAD;
	d->own_server = server != NULL;
	if (server)
		r = use_server(d, server);
	/* each try waits as long as the last; two of them, all servers */
	d->state.retry = 2;
	d->state.retrans = timeout_s / 3 > 0 ? (int)(timeout_s / 3) : 1;
	if (r < 0) {
		dns_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

void dns_free(struct dns *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_reached; i++)
		(void)close(d->reached[i].fd); /* only read */
	/* ours, not malloc'ed: the library must not free it */
	if (d->state._u._ext.nsaddrs[0] == &d->v6)
		d->state._u._ext.nsaddrs[0] = NULL;
	res_nclose(&d->state);
	free(d);
}

static enum dns_outcome outcome_of_error(const struct dns *d)
{
	switch (d->state.res_h_errno) {
	case HOST_NOT_FOUND:
		return DNS_NO_NAME;
	case NO_DATA:
		return DNS_NO_DATA;
	default:
		return DNS_AGAIN;
	}
}

/* Ask; on DNS_FOUND `ret` can be walked. */
static enum dns_outcome ask(struct dns *d, struct slice name, ns_type type,
			    ns_msg *ret)
{
	char text[NS_MAXDNAME];
	int n;

	if (name.n == 0 || name.n >= sizeof(text) ||
	    slice_find(name, '\0') < name.n)
		return DNS_NO_NAME;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	n = res_nquery(&d->state, text, ns_c_in, type, d->answer,
		       DNS_ANSWER_MAX);
	if (n < 0)
		return outcome_of_error(d);
	if (n > DNS_ANSWER_MAX)
		n = DNS_ANSWER_MAX;
	return ns_initparse(d->answer, n, ret) < 0 ? DNS_BROKEN : DNS_FOUND;
}

struct slice dns_name_at(const void *message, const void *end, const void *at,
			 struct arena *arena)
{
	char text[NS_MAXDNAME];
	struct slice name;
	char *p;

	if (ns_name_uncompress(message, end, at, text, sizeof(text)) < 0)
		return SLICE_NONE;
	name = arena_copy(arena, slice_of(text));
	if (!name.p)
		return name;
	p = (char *)name.p;
	for (size_t i = 0; i < name.n; i++)
		p[i] = ascii_lower(p[i]);
	if (name.n > 0 && p[name.n - 1] == '.')
		p[--name.n] = '\0';
	return name;
}

static struct slice name_at(ns_msg *m, const unsigned char *at,
			    struct arena *arena)
{
	return dns_name_at(ns_msg_base(*m), ns_msg_end(*m), at, arena);
}

static uint32_t random_below(uint32_t n)
{
	uint32_t random = 0;

	/* an even spread is a courtesy; without it the order stays */
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return 0;
	return random % n;
}

static void sort_mx(struct dns_mx *mx, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = random_below((uint32_t)i);
		struct dns_mx swap = mx[i - 1];

		mx[i - 1] = mx[j];
		mx[j] = swap;
	}
	/* insertion keeps the shuffled order among equals */
	for (size_t i = 1; i < n; i++) {
		struct dns_mx one = mx[i];
		size_t j = i;

		for (; j > 0 && mx[j - 1].preference > one.preference; j--)
			mx[j] = mx[j - 1];
		mx[j] = one;
	}
}

/* How many answers of `type`; *ret points to room for so many. */
static enum dns_outcome room_for(ns_msg *m, struct arena *arena, size_t one,
				 void **ret, size_t *ret_n)
{
	size_t n = ns_msg_count(*m, ns_s_an);

	if (n > RECORDS_MAX)
		n = RECORDS_MAX;
	*ret_n = n;
	if (n == 0)
		return DNS_NO_DATA;
	*ret = arena_alloc(arena, n * one);
	return *ret ? DNS_FOUND : DNS_AGAIN;
}

enum dns_outcome dns_mx(struct dns *d, struct slice domain, struct arena *arena,
			struct dns_mx **ret, size_t *ret_n, bool *ret_secure)
{
	void *room = NULL;
	struct dns_mx *mx;
	size_t n = 0, most = 0;
	ns_msg m;
	enum dns_outcome o = ask(d, domain, ns_t_mx, &m);

	if (o == DNS_FOUND)
		o = room_for(&m, arena, sizeof(*mx), &room, &most);
	if (o != DNS_FOUND)
		return o;
	mx = room;
	for (size_t i = 0; i < most; i++) {
		ns_rr rr;
		struct slice host;

		if (ns_parserr(&m, ns_s_an, (int)i, &rr) < 0)
			return DNS_BROKEN;
		if (ns_rr_type(rr) != ns_t_mx || ns_rr_rdlen(rr) < 3)
			continue;
		host = name_at(&m, ns_rr_rdata(rr) + 2, arena);
		if (!host.p)
			return DNS_BROKEN;
		mx[n++] = (struct dns_mx){ ns_get16(ns_rr_rdata(rr)), host };
	}
	if (n == 0)
		return DNS_NO_DATA;
	sort_mx(mx, n);
	*ret = mx;
	*ret_n = n;
	*ret_secure = ns_msg_getflag(m, ns_f_ad) != 0;
	return DNS_FOUND;
}

/* ---- addresses ---- */

struct addresses {
	struct slice v[ADDRESSES_MAX];
	size_t n;
};

static bool add_address(struct addresses *a, int family, const void *bytes,
			struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];

	if (a->n == ADDRESSES_MAX)
		return true;
	if (!inet_ntop(family, bytes, text, sizeof(text)))
		return false;
	a->v[a->n] = arena_copy(arena, slice_of(text));
	return a->v[a->n++].p != NULL;
}

static enum dns_outcome ask_addresses(struct dns *d, struct slice host,
				      int family, struct arena *arena,
				      struct addresses *a)
{
	ns_type type = family == AF_INET ? ns_t_a : ns_t_aaaa;
	size_t length = family == AF_INET ? 4 : 16, before = a->n;
	ns_msg m;
	enum dns_outcome o = ask(d, host, type, &m);

	if (o != DNS_FOUND)
		return o;
	for (int i = 0; i < ns_msg_count(m, ns_s_an); i++) {
		ns_rr rr;

		if (ns_parserr(&m, ns_s_an, i, &rr) < 0)
			return DNS_BROKEN;
		if (ns_rr_type(rr) != type || ns_rr_rdlen(rr) != length)
			continue;
		if (!add_address(a, family, ns_rr_rdata(rr), arena))
			return DNS_AGAIN;
	}
	return a->n > before ? DNS_FOUND : DNS_NO_DATA;
}

/* IPv6 and IPv4 in turn, so that a broken one costs one time-out only. */
static enum dns_outcome interleave(const struct addresses *six,
				   const struct addresses *four,
				   struct arena *arena, struct slice **ret,
				   size_t *ret_n)
{
	size_t n = six->n + four->n, at = 0;
	struct slice *v = arena_alloc(arena, n * sizeof(*v));

	if (!v)
		return DNS_AGAIN;
	for (size_t i = 0; i < ADDRESSES_MAX; i++) {
		if (i < six->n)
			v[at++] = six->v[i];
		if (i < four->n)
			v[at++] = four->v[i];
	}
	assert(at == n);
	*ret = v;
	*ret_n = n;
	return DNS_FOUND;
}

/* Without a server of our own the system decides, /etc/hosts included. */
static enum dns_outcome system_addresses(struct slice host, struct arena *arena,
					 struct addresses *six,
					 struct addresses *four)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct slice name = arena_copy(arena, host);
	struct addrinfo *all = NULL;
	bool kept = true;
	int r;

	if (!name.p || strlen(name.p) != host.n)
		return DNS_NO_NAME;
	r = getaddrinfo(name.p, NULL, &hints, &all);
	if (r == EAI_NONAME || r == EAI_NODATA)
		return DNS_NO_NAME;
	if (r != 0)
		return DNS_AGAIN;
	for (const struct addrinfo *i = all; i && kept; i = i->ai_next) {
		const union {
			struct sockaddr any;
			struct sockaddr_in v4;
			struct sockaddr_in6 v6;
		} *a = (const void *)i->ai_addr;

		if (i->ai_family == AF_INET)
			kept = add_address(four, AF_INET, &a->v4.sin_addr,
					   arena);
		else if (i->ai_family == AF_INET6)
			kept = add_address(six, AF_INET6, &a->v6.sin6_addr,
					   arena);
	}
	freeaddrinfo(all);
	return kept ? DNS_FOUND : DNS_AGAIN;
}

static enum dns_outcome both_families(struct dns *d, struct slice host,
				      struct arena *arena,
				      struct addresses *six,
				      struct addresses *four)
{
	enum dns_outcome o4, o6;

	if (!d->own_server)
		return system_addresses(host, arena, six, four);
	o6 = ask_addresses(d, host, AF_INET6, arena, six);
	if (o6 == DNS_NO_NAME)
		return o6;
	o4 = ask_addresses(d, host, AF_INET, arena, four);
	if (o4 == DNS_FOUND || o6 == DNS_FOUND)
		return DNS_FOUND;
	return o4 == DNS_NO_DATA ? o6 : o4;
}

enum dns_outcome dns_addresses(struct dns *d, struct slice host,
			       struct arena *arena, struct slice **ret,
			       size_t *ret_n)
{
	struct addresses six = { .n = 0 }, four = { .n = 0 };
	enum dns_outcome o = both_families(d, host, arena, &six, &four);

	if (o == DNS_FOUND && six.n + four.n == 0)
		o = DNS_NO_DATA;
	if (o != DNS_FOUND)
		return o;
	return interleave(&six, &four, arena, ret, ret_n);
}
