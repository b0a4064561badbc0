/* SPDX-License-Identifier: ISC */
/* Mail addresses: RFC 5321 §4.1.2 (Mailbox), RFC 6531 §3.3 (UTF-8), domains
 * by IDNA2008 through libidn2. Bytes only; no DNS, no configuration. */
#pragma once

#include "base/arena.h"

#define ADDR_LOCAL_MAX  64  /* octets, RFC 5321 §4.5.3.1.1 */
#define ADDR_DOMAIN_MAX 255 /* octets, RFC 5321 §4.5.3.1.2 */
#define ADDR_PATH_MAX   256 /* with <>, RFC 5321 §4.5.3.1.3 */

enum addr_domain {
	ADDR_NO_DOMAIN, /* <postmaster> and bare names from an aliases file */
	ADDR_NAME,      /* a domain name */
	ADDR_LITERAL,   /* [192.0.2.1], [IPv6:…] */
};

/* One mailbox. All slices live in the arena given to the parser. */
struct addr {
	struct slice local;  /* unquoted: the name itself */
	struct slice domain; /* a name in lower case, U-labels kept as UTF-8
				(NFC); or a literal with its brackets */
	struct slice ascii;  /* the domain in A-labels; = domain if ASCII */
	enum addr_domain kind;
	bool utf8; /* needs SMTPUTF8: a byte over 127 in local part, or a
		      U-label that the sender wrote */
};

/* Why an address was refused; addr_trouble_text says it in words. */
enum addr_trouble {
	ADDR_OK,
	ADDR_SYNTAX,         /* not a mailbox by the grammar */
	ADDR_LOCAL_LONG,     /* local part over 64 octets */
	ADDR_DOMAIN_LONG,    /* domain over 255 octets, or label over 63 */
	ADDR_LONG,           /* all of it, with <>, over 256 octets, with
				the domain in A-labels or in U-labels */
	ADDR_DOMAIN_SYNTAX,  /* not a domain name, or no valid IDN */
	ADDR_LITERAL_SYNTAX, /* a bracketed thing that is no IP address: no
				other tag than IPv6 was ever registered */
	ADDR_NO_MEMORY,
	ADDR_NO_IDNA, /* not ASCII, and postern-idna.so cannot be loaded */
};

/* Is that for reasons of ours, and may be otherwise another time? */
bool addr_is_our_trouble(enum addr_trouble t);

/* Parse all of `s` as a Mailbox: Local-part "@" ( Domain / address-literal ).
 * bare: also a Local-part alone (kind = ADDR_NO_DOMAIN). `ret` is untouched
 * unless ADDR_OK. */
enum addr_trouble addr_parse(struct slice s, bool bare, struct arena *arena,
			     struct addr *ret) MUST_LOOK;

/* A short English sentence for a reply: "local part is longer than 64
 * octets". */
const char *addr_trouble_text(enum addr_trouble t);

/* The address as it goes on the wire or into a file: local part quoted where
 * RFC 5321 asks for it, "@", domain (`ascii`: in A-labels). Empty slice with
 * p == NULL when the arena is full. */
struct slice addr_text(const struct addr *a, bool ascii, struct arena *arena);

/* Same mailbox as far as a relay can know: domain without case (A-labels),
 * local part byte by byte. */
bool addr_same(const struct addr *a, const struct addr *b);

/* Is `s` a syntactically valid domain (RFC 5321 Domain, IDN allowed, and an
 * underscore)? What claims to be an A-label must be one. Gives its lower-case
 * A-label form. */
enum addr_trouble addr_domain_ascii(struct slice s, struct arena *arena,
				    struct slice *ret) MUST_LOOK;

/* The IP address inside a literal "[…]" as text for inet_pton, and its
 * family (AF_INET, AF_INET6). False when it is none. */
bool addr_literal_ip(struct slice literal, char *ret_text, size_t room,
		     int *ret_family);
