/* SPDX-License-Identifier: ISC */
/* The header that a proxy sends before its client's own octets: PROXY protocol,
 * versions 1 (§2.1) and 2 (§2.2) of HAProxy's doc/proxy-protocol.txt. Whoever
 * is not known to be a proxy must not be listened to: what it says here is
 * believed. */
#pragma once

#include "base/peer.h"
#include "net/stream.h"

/* A longer one is refused; HAProxy itself makes none (tune.bufsize). */
#define PROXY_HEADER_MAX STREAM_IN_BYTES

enum proxy_says {
	PROXY_SAYS_ITSELF, /* no client: a health check (LOCAL) */
	PROXY_SAYS_CLIENT, /* TCP over IPv4 or IPv6 */
	/* a client whose address it cannot tell: UNKNOWN, UNSPEC, a Unix
	 * socket, datagrams */
	PROXY_SAYS_NOBODY,
};

struct proxy_header {
	enum proxy_says says;
	struct peer client; /* PROXY_SAYS_CLIENT */
};

/* Look at what has come. 0: *ret_n octets are a header, and what it says.
 * -EAGAIN: good so far, of *ret_n octets at least, and the header may have
 * just as many. Else -EPROTO or -EMSGSIZE, and *ret_why in words. TLVs are
 * walked over, but a checksum (CRC32C) has to be right. */
int proxy_parse(struct slice in, size_t *ret_n, struct proxy_header *ret,
		const char **ret_why) MUST_LOOK;

/* Take the header off the stream, and not an octet of what follows, even if
 * that came with it: it may be a TLS handshake. Waits within the stream's
 * deadlines. 0, or as proxy_parse, or -ETIMEDOUT, -ECONNRESET, …: then
 * *ret_why says it. */
int proxy_read(struct stream *s, struct proxy_header *ret,
	       const char **ret_why) MUST_LOOK;
