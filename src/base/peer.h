/* SPDX-License-Identifier: ISC */
/* Who is at the other end: addresses, their text, and networks. */
#pragma once

#include "base/slice.h"

#include <netinet/in.h>

#define PEER_TEXT_MAX 64

enum peer_kind {
	PEER_NONE, /* a pipe, a file, a terminal: a stranger */
	PEER_IP,
	PEER_UNIX, /* the kernel told the uid */
	/* somebody behind `ip`, who could not say whom it speaks for: in no
	 * network, not on this host */
	PEER_BEHIND,
};

struct peer {
	enum peer_kind kind;
	struct in6_addr ip; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t port;
	uid_t uid;
};

/* From a connected socket (getpeername, SO_PEERCRED); -ENOTSOCK, … */
int peer_of_socket(int fd, struct peer *ret) MUST_LOOK;

/* The other way round: our own port, as the peer knows it; 0: none. */
uint16_t peer_port_of_ours(int fd);

/* From text: "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1". */
int peer_parse(struct slice text, struct peer *ret) MUST_LOOK;

/* Has it an address, be it that of who speaks for it? */
bool peer_has_ip(const struct peer *p);

/* "192.0.2.1", "2001:db8::1", "uid 1000", "a pipe". */
void peer_text(const struct peer *p, char ret[PEER_TEXT_MAX]);

/* As an address literal's inside: "192.0.2.1", "IPv6:2001:db8::1"; empty
 * when it has no IP address. */
void peer_literal(const struct peer *p, char ret[PEER_TEXT_MAX]);

/* 127.0.0.0/8, ::1 */
bool peer_is_loopback(const struct peer *p);

/* The network that counts as one source: the leading bits of an IPv4 or IPv6
 * address, all others 0; "::" for who has none. */
struct in6_addr peer_source(const struct peer *p, unsigned bits4,
			    unsigned bits6);

/* "192.0.2.0/24", "2001:db8::/32", "127.0.0.1". */
struct network {
	struct in6_addr ip;
	unsigned bits; /* of 128 */
};
int network_parse(struct slice text, struct network *ret) MUST_LOOK;
bool network_has(const struct network *n, const struct peer *p);
