/* SPDX-License-Identifier: ISC */
/* Many questions at the same time, with one deadline for them all: those that
 * are not answered by then are not answered. */
#pragma once

#include "base/peer.h"
#include "net/dns.h"

#define DNS_MANY_MAX    64 /* questions */
#define DNS_ANSWERS_MAX 8  /* what comes after them is not looked at */

enum dns_type {
	DNS_A,    /* answers as text: "127.0.0.2" */
	DNS_AAAA, /* "2001:db8::1" */
	DNS_PTR,  /* a name: lower case, no final dot */
	DNS_TXT,  /* the strings of one record, joined; any octets */
};

struct dns_question {
	struct slice name;
	enum dns_type type;
	/* The answer. DNS_FOUND with at least one; DNS_AGAIN when there is
	 * none. */
	enum dns_outcome outcome;
	struct slice answers[DNS_ANSWERS_MAX];
	size_t n;
};

/* Make the sockets for dns_ask_many: before a fence is raised that lets no more
 * be made. Needs not be called elsewhere. */
void dns_reach(struct dns *d);

/* Ask `n` questions, at most DNS_MANY_MAX, and wait for wait_ms at most. */
void dns_ask_many(struct dns *d, struct dns_question *q, size_t n,
		  int64_t wait_ms, struct arena *arena);

/* Read a message that claims to answer *q (RFC 1035 §4.1). False: it does not,
 * and *q is as it was; an answer that was cut off (TC) is DNS_AGAIN. */
bool dns_read_answer(const uint8_t *message, size_t n, struct dns_question *q,
		     struct arena *arena) MUST_LOOK;

/* The address backwards, below `zone`: "1.2.0.192.in-addr.arpa",
 * "….8.b.d.0.1.0.0.2.list.example"; RFC 1035 §3.5, 3596 §2.5, 5782 §2. Without
 * a zone: as in the tree of all addresses. .p NULL: memory is short, or the
 * zone too long. */
struct slice dns_backwards(const struct peer *p, struct slice zone,
			   struct arena *arena);
