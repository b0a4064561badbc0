/* SPDX-License-Identifier: ISC */
/* Certificates as files: what is in a pair, whether its halves fit, and how to
 * make one. RFC 5280, 7468 (PEM), 6960 (OCSP). */
#pragma once

#include "base/buf.h"

#define TLS_NAME_MAX    256
#define TLS_TROUBLE_MAX 256
#define TLS_HEX_MAX     65 /* SHA-256 in hex, with NUL */

/* A chain and its key, read. */
struct tls_pair {
	char type[8]; /* "ecdsa" or "rsa" */
	char **names; /* DNS names, lower case: "*.example.org" */
	size_t n_names;
	char issuer[128]; /* "CN=R11,O=Let's Encrypt,C=US" */
	int64_t from_s;   /* valid from, until: seconds since 1970 */
	int64_t until_s;  /* the earliest end in the chain */
	bool self_signed;
	char certificate[TLS_HEX_MAX]; /* SHA-256 of the certificate */
	char spki[TLS_HEX_MAX];        /* of its key: TLSA 3 1 1 */
};

/* Both PEM; `key` empty: the certificate alone. 0; -EBADMSG: one of them
 * cannot be understood, or its chain does not hold together; -EKEYREJECTED:
 * the key is another certificate's; -ENOTSUP: a kind of key that mail hosts do
 * not show; -ENOMEM. With an error ret_trouble says it for people. */
int tls_pair_read(struct slice chain, struct slice key, struct tls_pair *ret,
		  char ret_trouble[TLS_TROUBLE_MAX]) MUST_LOOK;
void tls_pair_done(struct tls_pair *p);

/* Where a chain leads. */
enum tls_chain_end {
	TLS_CHAIN_TRUSTED,     /* to an authority that this system trusts */
	TLS_CHAIN_OWN,         /* to one that it has itself at its end */
	TLS_CHAIN_SELF_SIGNED, /* nowhere, and need not */
	TLS_CHAIN_SHORT,       /* to an issuer that nobody has here: *ret_what,
				  "CN=R11,O=Let's Encrypt,C=US" */
	TLS_CHAIN_BROKEN,      /* *ret_what: why */
	TLS_CHAIN_UNKNOWN,     /* this system trusts nobody; or no memory */
};

/* Of a chain in PEM that tls_pair_read has taken. Dates are not looked at. */
enum tls_chain_end tls_chain_judge(struct slice chain,
				   char ret_what[TLS_TROUBLE_MAX]);

/* A host's name made a file's: lower case; letters, digits, single dots and
 * hyphens only, or -EINVAL. Nothing that leads out of a directory. */
int tls_name_judge(struct slice name, char ret[TLS_NAME_MAX]) MUST_LOOK;

/* Is the certificate good for `name`? Its first label may be matched by a
 * wildcard (RFC 9525 §6.3). */
bool tls_pair_covers(const struct tls_pair *p, const char *name);

/* A new ECDSA P-256 key and its own certificate for these names, in PEM. */
int tls_self_signed(char *const *names, size_t n, unsigned days,
		    struct buf *ret_chain, struct buf *ret_key) MUST_LOOK;

/* Would this OCSP response (DER) be stapled? 0, or -EBADMSG, -ESTALE, … with
 * ret_trouble. */
int tls_staple_judge(struct slice chain, struct slice response,
		     char ret_trouble[TLS_TROUBLE_MAX]) MUST_LOOK;
