/* SPDX-License-Identifier: ISC */
/* Questions to the system's resolver (glibc's res_nquery), or to a server
 * named in the configuration. Bounded in time. */
#pragma once

#include "base/arena.h"

struct dns;

/* server: "192.0.2.1", "192.0.2.1:5353", "[::1]:5353", or NULL for
 * resolv.conf. timeout_s: for one whole question. -EINVAL, -ENOMEM. */
int dns_new(const char *server, unsigned timeout_s, struct dns **ret);
void dns_free(struct dns *d);

enum dns_outcome {
	DNS_FOUND,
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_NO_DATA, /* the name is there, the type is not */
	DNS_AGAIN,   /* SERVFAIL, no answer: try later */
	DNS_BROKEN,  /* an answer that cannot be understood */
};

struct dns_mx {
	unsigned preference;
	struct slice host; /* lower case, no final dot; "" for the root */
};

/* The MX records of `domain` (A-labels), by preference, those of equal
 * preference in random order (RFC 5321 §5.1). *ret_secure: the resolver says
 * the answer is DNSSEC-validated (AD). */
enum dns_outcome dns_mx(struct dns *d, struct slice domain, struct arena *arena,
			struct dns_mx **ret, size_t *ret_n,
			bool *ret_secure) MUST_LOOK;

/* The addresses of `host` as text, IPv6 and IPv4 in turn. DNS_FOUND with at
 * least one. */
enum dns_outcome dns_addresses(struct dns *d, struct slice host,
			       struct arena *arena, struct slice **ret,
			       size_t *ret_n) MUST_LOOK;
