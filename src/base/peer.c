/* SPDX-License-Identifier: ISC */
/* See peer.h. IPv4 addresses are kept as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2),
 * so that networks need one comparison only. */
#include "base/peer.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define V4_PREFIX_BITS 96

static struct in6_addr mapped(const struct in_addr *v4)
{
	struct in6_addr ip = { 0 };

	ip.s6_addr[10] = ip.s6_addr[11] = 0xFF;
	memcpy(&ip.s6_addr[12], v4, 4);
	return ip;
}

static int of_unix(int fd, struct peer *ret)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return -errno;
	*ret = (struct peer){ .kind = PEER_UNIX, .uid = cred.uid };
	return 0;
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

/* -EAFNOSUPPORT: neither IPv4 nor IPv6. */
static int of_address(const union address *a, struct peer *ret)
{
	switch (a->any.sa_family) {
	case AF_INET:
		*ret = (struct peer){ .kind = PEER_IP,
				      .ip = mapped(&a->v4.sin_addr),
				      .port = ntohs(a->v4.sin_port) };
		return 0;
	case AF_INET6:
		*ret = (struct peer){ .kind = PEER_IP,
				      .ip = a->v6.sin6_addr,
				      .port = ntohs(a->v6.sin6_port) };
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

int peer_of_socket(int fd, struct peer *ret)
{
	union address a;
	socklen_t n = sizeof(a);

	if (getpeername(fd, &a.any, &n) < 0)
		return -errno;
	return a.any.sa_family == AF_UNIX ? of_unix(fd, ret)
					  : of_address(&a, ret);
}

uint16_t peer_port_of_ours(int fd)
{
	union address a;
	socklen_t n = sizeof(a);
	struct peer own;

	return getsockname(fd, &a.any, &n) == 0 && of_address(&a, &own) == 0
		       ? own.port
		       : 0;
}

/* *ret_v4: written as an IPv4 address. */
static int parse_ip(struct slice text, struct in6_addr *ret, bool *ret_v4)
{
	char name[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (text.n == 0 || text.n >= sizeof(name) ||
	    memchr(text.p, '\0', text.n))
		return -EINVAL;
	memcpy(name, text.p, text.n);
	name[text.n] = '\0';
	*ret_v4 = inet_pton(AF_INET, name, &v4) == 1;
	if (*ret_v4) {
		*ret = mapped(&v4);
		return 0;
	}
	return inet_pton(AF_INET6, name, ret) == 1 ? 0 : -EINVAL;
}

int peer_parse(struct slice text, struct peer *ret)
{
	struct in6_addr ip;
	bool v4;
	int r = parse_ip(text, &ip, &v4);

	if (r == 0)
		*ret = (struct peer){ .kind = PEER_IP, .ip = ip };
	return r;
}

bool peer_has_ip(const struct peer *p)
{
	return p->kind == PEER_IP || p->kind == PEER_BEHIND;
}

static void put_ip(const struct peer *p, const char *tag, char *ret)
{
	char name[INET6_ADDRSTRLEN] = "";
	bool v4 = IN6_IS_ADDR_V4MAPPED(&p->ip);

	if (v4)
		(void)inet_ntop(AF_INET, &p->ip.s6_addr[12], name,
				sizeof(name));
	else
		(void)inet_ntop(AF_INET6, &p->ip, name, sizeof(name));
	(void)snprintf(ret, PEER_TEXT_MAX, "%s%s", v4 ? "" : tag, name);
}

void peer_text(const struct peer *p, char ret[PEER_TEXT_MAX])
{
	switch (p->kind) {
	case PEER_IP:
	case PEER_BEHIND:
		put_ip(p, "", ret);
		return;
	case PEER_UNIX:
		(void)snprintf(ret, PEER_TEXT_MAX, "uid %lu",
			       (unsigned long)p->uid);
		return;
	case PEER_NONE:
		break;
	}
	(void)snprintf(ret, PEER_TEXT_MAX, "a pipe");
}

void peer_literal(const struct peer *p, char ret[PEER_TEXT_MAX])
{
	ret[0] = '\0';
	if (peer_has_ip(p))
		put_ip(p, "IPv6:", ret);
}

bool peer_is_loopback(const struct peer *p)
{
	return p->kind == PEER_IP &&
	       (IN6_IS_ADDR_LOOPBACK(&p->ip) ||
		(IN6_IS_ADDR_V4MAPPED(&p->ip) && p->ip.s6_addr[12] == 127));
}

struct in6_addr peer_source(const struct peer *p, unsigned bits4,
			    unsigned bits6)
{
	struct in6_addr ip = { 0 };
	unsigned bits =
		IN6_IS_ADDR_V4MAPPED(&p->ip) ? V4_PREFIX_BITS + bits4 : bits6;

	if (p->kind != PEER_IP)
		return ip;
	for (unsigned i = 0; i < sizeof(ip) && i * 8 < bits; i++) {
		unsigned kept = bits - i * 8;

		ip.s6_addr[i] = p->ip.s6_addr[i];
		if (kept < 8)
			ip.s6_addr[i] &= (uint8_t)(0xFF00U >> kept);
	}
	return ip;
}

int network_parse(struct slice text, struct network *ret)
{
	size_t slash = slice_find(text, '/');
	struct network n;
	uint64_t bits;
	bool v4;
	int r = parse_ip(slice_upto(text, slash), &n.ip, &v4);

	if (r < 0)
		return r;
	bits = v4 ? 32 : 128;
	if (slash < text.n)
		r = slice_number(slice_from(text, slash + 1), 0, bits, &bits);
	if (r < 0)
		return -EINVAL;
	n.bits = (unsigned)bits + (v4 ? V4_PREFIX_BITS : 0);
	*ret = n;
	return 0;
}

bool network_has(const struct network *n, const struct peer *p)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	unsigned char mask = (unsigned char)(0xFF00U >> rest);

	if (p->kind != PEER_IP || memcmp(&n->ip, &p->ip, whole) != 0)
		return false;
	return rest == 0 ||
	       ((n->ip.s6_addr[whole] ^ p->ip.s6_addr[whole]) & mask) == 0;
}
