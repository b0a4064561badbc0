/* SPDX-License-Identifier: ISC */
/* Certificates made at run time, below a temporary directory. */
#pragma once

#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#include "base/base.h"

struct authority {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

struct wanted {
	const char *name;    /* DNS name; NULL: none */
	const char *mailbox; /* rfc822Name; NULL: none */
	const char *cn;      /* NULL: none */
	bool rsa;
	int from_days, until_days; /* relative to now */
};

void authority_new(struct authority *ret);
void authority_write(const struct authority *a, const char *path);
void authority_done(struct authority *a);

/* Key and chain in one PEM file, as published; signed by `a`. */
void certs_write(const struct authority *a, const struct wanted *w,
		 const char *path);

/* Have openssl(1) say for the authority that the leaf in `leaf` is good (or
 * revoked), for a day, into `response`. False: it is not installed. */
bool certs_staple(const struct authority *a, const char *leaf, bool good,
		  const char *response);

/* Read a file whole. */
char *certs_slurp(const char *path, size_t *ret_n);
void certs_spill(const char *path, const void *p, size_t n);
