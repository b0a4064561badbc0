/* SPDX-License-Identifier: ISC */
/* See dns_many.h. glibc makes the queries (res_nmkquery(3)) and takes answers
 * apart (ns_initparse); it cannot wait for several. Must never believe what
 * was not asked: the answer comes from the server's address, under the random
 * id of its question, and repeats that (RFC 5452 §9.1). */
#include "net/dns_many.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <assert.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/dns_engine.h"

#define TRIES        3
#define QUERY_MAX    512
#define EDNS_OCTETS  1232 /* RFC 6891 §6.2.5: what no path breaks up */
#define DATAGRAM_MAX 4096
#define TXT_MAX      400
#define BURST        64 /* before the clock is looked at again */

static const ns_type types[] = {
	[DNS_A] = ns_t_a,
	[DNS_AAAA] = ns_t_aaaa,
	[DNS_PTR] = ns_t_ptr,
	[DNS_TXT] = ns_t_txt,
};

struct asking {
	struct dns *d;
	struct dns_question *q;
	size_t n;
	struct arena *arena;
	uint16_t ids[DNS_MANY_MAX];
	bool done[DNS_MANY_MAX];
	bool last_try;
};

/* ---- an answer ---- */

static struct slice address_of(const ns_rr *rr, int family, size_t octets,
			       struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];

	if (ns_rr_rdlen(*rr) != octets ||
	    !inet_ntop(family, ns_rr_rdata(*rr), text, sizeof(text)))
		return SLICE_NONE;
	return arena_copy(arena, slice_of(text));
}

/* RFC 1035 §3.3.14: strings, each behind its length. */
static struct slice text_of(const ns_rr *rr, struct arena *arena)
{
	struct slice rest = { (const char *)ns_rr_rdata(*rr),
			      ns_rr_rdlen(*rr) };
	struct buf text = BUF(TXT_MAX);
	struct slice joined;

	while (rest.n > 0) {
		size_t n = (unsigned char)rest.p[0];
		struct slice string = slice_upto(slice_from(rest, 1), n);

		/* what is too long is cut: people read it */
		if (buf_put(&text, slice_upto(string, TXT_MAX - text.n)) < 0)
			break;
		rest = slice_from(rest, 1 + n);
	}
	joined = arena_copy(arena, buf_slice(&text));
	buf_done(&text);
	return joined;
}

static struct slice value_of(const ns_msg *m, const ns_rr *rr,
			     enum dns_type type, struct arena *arena)
{
	switch (type) {
	case DNS_A:
		return address_of(rr, AF_INET, 4, arena);
	case DNS_AAAA:
		return address_of(rr, AF_INET6, 16, arena);
	case DNS_PTR:
		return dns_name_at(ns_msg_base(*m), ns_msg_end(*m),
				   ns_rr_rdata(*rr), arena);
	case DNS_TXT:
		return text_of(rr, arena);
	}
	return SLICE_NONE;
}

/* Does it repeat the question? */
static bool repeats(ns_msg *m, const struct dns_question *q)
{
	struct slice name;
	ns_rr rr;

	if (ns_msg_getflag(*m, ns_f_qr) == 0 || ns_msg_count(*m, ns_s_qd) != 1)
		return false;
	if (ns_parserr(m, ns_s_qd, 0, &rr) < 0)
		return false;
	name = slice_of(ns_rr_name(rr));
	return ns_rr_type(rr) == types[q->type] && ns_rr_class(rr) == ns_c_in &&
	       slice_eq_nocase(name, q->name);
}

static enum dns_outcome take_records(ns_msg *m, struct dns_question *q,
				     struct arena *arena)
{
	ns_rr rr;

	q->n = 0;
	for (int i = 0; i < ns_msg_count(*m, ns_s_an); i++) {
		if (ns_parserr(m, ns_s_an, i, &rr) < 0)
			return DNS_BROKEN;
		if (ns_rr_type(rr) != types[q->type])
			continue;
		if (q->n == DNS_ANSWERS_MAX)
			break;
		q->answers[q->n] = value_of(m, &rr, q->type, arena);
		if (!q->answers[q->n++].p)
			return DNS_BROKEN;
	}
	return q->n > 0 ? DNS_FOUND : DNS_NO_DATA;
}

bool dns_read_answer(const uint8_t *message, size_t n, struct dns_question *q,
		     struct arena *arena)
{
	ns_msg m;

	if (n > INT_MAX || ns_initparse(message, (int)n, &m) < 0 ||
	    !repeats(&m, q))
		return false;
	if (ns_msg_getflag(m, ns_f_tc) != 0)
		q->outcome = DNS_AGAIN;
	else if (ns_msg_getflag(m, ns_f_rcode) == ns_r_nxdomain)
		q->outcome = DNS_NO_NAME;
	else if (ns_msg_getflag(m, ns_f_rcode) != ns_r_noerror)
		q->outcome = DNS_AGAIN;
	else
		q->outcome = take_records(&m, q, arena);
	if (q->outcome != DNS_FOUND)
		q->n = 0;
	return true;
}

/* ---- asking ---- */

static int reach(const struct dns *d, int i)
{
	const struct sockaddr_in *v4 = &d->state.nsaddr_list[i];
	const struct sockaddr_in6 *v6 = d->state._u._ext.nsaddrs[i];
	bool six = v4->sin_family != AF_INET;
	const struct sockaddr *to =
		six ? (const struct sockaddr *)v6 : (const struct sockaddr *)v4;
	int fd;

	if (!to)
		return -EINVAL;
	fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd >= 0 && connect(fd, to, six ? sizeof(*v6) : sizeof(*v4)) < 0) {
		(void)close(fd); /* nothing was sent */
		return -1;
	}
	return fd;
}

void dns_reach(struct dns *d)
{
	for (int i = 0; d->n_reached == 0 && i < d->state.nscount && i < MAXNS;
	     i++) {
		int fd = reach(d, i);

		if (fd >= 0)
			d->reached[d->n_reached++] =
				(struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

/* OPT (RFC 6891 §6.1.2) behind the question: answers may be this long. */
static int add_edns(unsigned char *query, int n)
{
	static const unsigned char opt[] = {
		0, 0, ns_t_opt, EDNS_OCTETS >> 8, EDNS_OCTETS & 255, 0, 0, 0,
		0, 0, 0
	};

	if (n < NS_HFIXEDSZ || n + (int)sizeof(opt) > QUERY_MAX)
		return n;
	memcpy(query + n, opt, sizeof(opt));
	query[NS_HFIXEDSZ - 1] = 1; /* ARCOUNT */
	return n + (int)sizeof(opt);
}

static bool send_one(struct asking *a, size_t i, int fd)
{
	unsigned char query[QUERY_MAX];
	char name[NS_MAXDNAME];
	int n;

	errno = 0;
	if (a->q[i].name.n >= sizeof(name) ||
	    slice_find(a->q[i].name, '\0') < a->q[i].name.n)
		return false;
	memcpy(name, a->q[i].name.p, a->q[i].name.n);
	name[a->q[i].name.n] = '\0';
	n = res_nmkquery(&a->d->state, ns_o_query, name, ns_c_in,
			 (int)types[a->q[i].type], NULL, 0, NULL, query,
			 sizeof(query));
	if (n < NS_HFIXEDSZ)
		return false;
	n = add_edns(query, n);
	query[0] = (unsigned char)(a->ids[i] >> 8);
	query[1] = (unsigned char)a->ids[i];
	return send(fd, query, (size_t)n, MSG_NOSIGNAL) == n;
}

/* False: nobody listens there. A name that cannot be asked for, or what does
 * not go out now, is not answered, and no more. */
static bool send_open(struct asking *a, size_t try)
{
	const struct pollfd *server = &a->d->reached[try % a->d->n_reached];

	a->last_try = try + 1 == TRIES;
	for (size_t i = 0; i < a->n; i++)
		if (!a->done[i] && !send_one(a, i, server->fd) &&
		    errno == ECONNREFUSED)
			return false;
	return true;
}

static void take(struct asking *a, const uint8_t *message, size_t n)
{
	uint16_t id = n < NS_HFIXEDSZ ? 0 : (uint16_t)ns_get16(message);

	for (size_t i = 0; i < a->n && n >= NS_HFIXEDSZ; i++) {
		if (a->done[i] || a->ids[i] != id ||
		    !dns_read_answer(message, n, &a->q[i], a->arena))
			continue;
		/* another server may know better */
		a->done[i] = a->q[i].outcome != DNS_AGAIN ||
			     a->d->n_reached == 1 || a->last_try;
		return;
	}
}

/* False: nobody listens there. */
static bool receive(struct asking *a, int fd)
{
	uint8_t message[DATAGRAM_MAX];
	ssize_t n = 1;

	for (int i = 0; i < BURST && n > 0; i++) {
		n = recv(fd, message, sizeof(message), MSG_DONTWAIT);
		if (n > 0)
			take(a, message, (size_t)n);
	}
	return n >= 0 || errno == EAGAIN;
}

static bool all_done(const struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!a->done[i])
			return false;
	return true;
}

/* What has come; false: no more will, from one of the servers. */
static bool receive_all(struct asking *a)
{
	bool good = true;

	for (size_t i = 0; i < a->d->n_reached; i++)
		if (a->d->reached[i].revents != 0)
			good &= receive(a, a->d->reached[i].fd);
	return good;
}

static void wait_until(struct asking *a, int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_mono_ms();

	while (left_ms > 0 && !all_done(a)) {
		int r = poll(a->d->reached, a->d->n_reached, (int)left_ms);

		if ((r < 0 && errno != EINTR) || (r > 0 && !receive_all(a)))
			return;
		left_ms = until_ms - clock_mono_ms();
	}
}

void dns_ask_many(struct dns *d, struct dns_question *q, size_t n,
		  int64_t wait_ms, struct arena *arena)
{
	struct asking a = { .d = d, .q = q, .n = n, .arena = arena };
	int64_t began_ms = clock_mono_ms();

	assert(n <= DNS_MANY_MAX);
	for (size_t i = 0; i < n; i++)
		q[i].outcome = DNS_AGAIN;
	if (n == 0 || getrandom(a.ids, sizeof(a.ids), 0) != sizeof(a.ids))
		return;
	dns_reach(d);
	for (size_t try = 0; d->n_reached > 0 && try < TRIES && !all_done(&a);
	     try++) {
		if (send_open(&a, try))
			wait_until(&a, began_ms + wait_ms * ((int64_t)try + 1) /
							  TRIES);
	}
}

/* ---- names ---- */

struct slice dns_backwards(const struct peer *p, struct slice zone,
			   struct arena *arena)
{
	const unsigned char *b = p->ip.s6_addr;
	bool v4 = IN6_IS_ADDR_V4MAPPED(&p->ip);
	struct buf text = BUF(NS_MAXDNAME);
	struct slice name = SLICE_NONE;
	int r = 0;

	if (zone.n == 0)
		zone = v4 ? SLICE("in-addr.arpa") : SLICE("ip6.arpa");
	if (v4)
		r = buf_printf(&text, "%u.%u.%u.%u.", b[15], b[14], b[13],
			       b[12]);
	for (size_t i = 16; !v4 && i-- > 0 && r == 0;)
		r = buf_printf(&text, "%x.%x.", b[i] & 15, b[i] >> 4);
	if (r == 0)
		r = buf_put(&text, zone);
	if (r == 0)
		name = arena_copy(arena, buf_slice(&text));
	buf_done(&text);
	return name;
}
