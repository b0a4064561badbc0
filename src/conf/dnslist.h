/* SPDX-License-Identifier: ISC */
/* A list of addresses that is asked by DNS (RFC 5782), as it is written in
 * postern.conf(5): "list.example.org", or with the answers that count:
 * "list.example.org=127.0.0.2-11|127.0.*.3". Asks nobody. */
#pragma once

#include "base/slice.h"

struct dns_list {
	struct slice zone;
	struct slice codes; /* as written; empty: every answer counts */
};

struct dns_lists {
	struct dns_list *v;
	size_t n;
};

/* 0 or -EINVAL; what is returned is a part of `word`. */
int dnslist_parse(struct slice word, struct dns_list *ret) MUST_LOOK;

/* Does this answer say that the address is listed? Only 127.0.0.0/8 does
 * (RFC 5782 §2.3): who sells a dead list's zone answers with his web server. */
bool dnslist_counts(const struct dns_list *l, const uint8_t answer[4]);

/* 127.255.255.0/24: the list does not answer the likes of us (too many
 * questions, or through an open resolver). It says nothing of the address. */
bool dnslist_is_refusal(const uint8_t answer[4]);
