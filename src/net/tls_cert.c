/* SPDX-License-Identifier: ISC */
/* See tls_cert.h. Only this file writes certificates. */
#include "net/tls_gnutls.h"

#include <gnutls/crypto.h>

#include "base/clock.h"

#define CHAIN_MAX    12
#define NAMES_MAX    1000
#define SERIAL_BYTES 16
#define DAY_S        (24 * 60 * 60)
/* clocks differ */
#define EARLY_S (60 * 60)

static int wrong(char ret[TLS_TROUBLE_MAX], int error, const char *what,
		 int gnutls_error)
{
	if (gnutls_error < 0)
		(void)snprintf(ret, TLS_TROUBLE_MAX, "%s: %s", what,
			       gnutls_strerror(gnutls_error));
	else
		(void)snprintf(ret, TLS_TROUBLE_MAX, "%s", what);
	return error;
}

static gnutls_datum_t datum(struct slice s)
{
	return (gnutls_datum_t){ (unsigned char *)s.p, (unsigned)s.n };
}

static void hex(const unsigned char *p, size_t n, char ret[TLS_HEX_MAX])
{
	for (size_t i = 0; i < n && i < 32; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", p[i]);
}

/* ---- chains ---- */

struct chain {
	gnutls_x509_crt_t v[CHAIN_MAX];
	unsigned n;
};

static void chain_done(struct chain *c)
{
	for (unsigned i = 0; i < c->n; i++)
		gnutls_x509_crt_deinit(c->v[i]);
	c->n = 0;
}

static int chain_read(struct slice pem, struct chain *ret,
		      char ret_trouble[TLS_TROUBLE_MAX])
{
	gnutls_datum_t d = datum(pem);
	int r;

	ret->n = CHAIN_MAX;
	r = gnutls_x509_crt_list_import(
		ret->v, &ret->n, &d, GNUTLS_X509_FMT_PEM,
		GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED |
			GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
	if (r > 0)
		return 0;
	ret->n = 0;
	return wrong(ret_trouble, -EBADMSG,
		     r == GNUTLS_E_CERTIFICATE_LIST_UNSORTED
			     ? "the chain is out of order"
			     : "the certificate cannot be read",
		     r);
}

/* ---- what is in a pair ---- */

static int add_name(struct tls_pair *p, const char *name, size_t n)
{
	char **v;

	if (p->n_names == NAMES_MAX)
		return 0;
	v = reallocarray(p->names, p->n_names + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->names = v;
	v[p->n_names] = strndup(name, n);
	if (!v[p->n_names])
		return -ENOMEM;
	for (char *c = v[p->n_names++]; *c != '\0'; c++)
		*c = ascii_lower(*c);
	return 0;
}

/* The subject's common name is no host's name any more: RFC 9525 §6.3. */
static int take_names(gnutls_x509_crt_t crt, struct tls_pair *ret)
{
	char name[256];
	int kind, r = 0;

	for (unsigned i = 0; r == 0; i++) {
		size_t n = sizeof(name);

		kind = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &n,
							    NULL);
		if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return 0;
		if (kind == GNUTLS_SAN_DNSNAME && n > 0 && n < sizeof(name))
			r = add_name(ret, name, n);
	}
	return r;
}

static int take_type(gnutls_x509_crt_t crt, struct tls_pair *ret,
		     char ret_trouble[TLS_TROUBLE_MAX])
{
	switch (gnutls_x509_crt_get_pk_algorithm(crt, NULL)) {
	case GNUTLS_PK_EC:
		(void)snprintf(ret->type, sizeof(ret->type), "ecdsa");
		return 0;
	case GNUTLS_PK_RSA:
		(void)snprintf(ret->type, sizeof(ret->type), "rsa");
		return 0;
	default:
		return wrong(ret_trouble, -ENOTSUP,
			     "the key is neither ECDSA nor RSA", 0);
	}
}

static void take_times(const struct chain *c, struct tls_pair *ret)
{
	ret->from_s = gnutls_x509_crt_get_activation_time(c->v[0]);
	ret->until_s = gnutls_x509_crt_get_expiration_time(c->v[0]);
	for (unsigned i = 1; i < c->n; i++) {
		time_t until = gnutls_x509_crt_get_expiration_time(c->v[i]);

		if (until < ret->until_s)
			ret->until_s = until;
	}
}

static void take_prints(gnutls_x509_crt_t crt, struct tls_pair *ret)
{
	unsigned char print[32];
	size_t n = sizeof(print);

	if (gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, print,
					    &n) == 0)
		hex(print, n, ret->certificate);
	n = sizeof(print);
	if (gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, print,
				       &n) == 0)
		hex(print, n, ret->spki);
}

static int take_all(const struct chain *c, struct tls_pair *ret,
		    char ret_trouble[TLS_TROUBLE_MAX])
{
	size_t n = sizeof(ret->issuer);
	int r = take_type(c->v[0], ret, ret_trouble);

	if (r < 0)
		return r;
	if (gnutls_x509_crt_get_issuer_dn(c->v[0], ret->issuer, &n) < 0)
		(void)snprintf(ret->issuer, sizeof(ret->issuer), "?");
	ret->self_signed = gnutls_x509_crt_check_issuer(c->v[0], c->v[0]) != 0;
	take_times(c, ret);
	take_prints(c->v[0], ret);
	return take_names(c->v[0], ret);
}

/* Is it the certificate's key? */
static int match_key(gnutls_x509_crt_t crt, struct slice pem,
		     char ret_trouble[TLS_TROUBLE_MAX])
{
	gnutls_datum_t d = datum(pem);
	gnutls_x509_privkey_t key;
	unsigned char ours[32], theirs[32];
	size_t n = sizeof(ours), m = sizeof(theirs);
	int r;

	if (gnutls_x509_privkey_init(&key) < 0)
		return -ENOMEM;
	r = gnutls_x509_privkey_import2(key, &d, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (r < 0)
		r = wrong(ret_trouble, -EBADMSG, "the key cannot be read", r);
	else if (gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256,
						ours, &n) < 0 ||
		 gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256,
					    theirs, &m) < 0 ||
		 n != m || memcmp(ours, theirs, n) != 0)
		r = wrong(ret_trouble, -EKEYREJECTED,
			  "the key is not the certificate's", 0);
	gnutls_x509_privkey_deinit(key);
	return r;
}

int tls_cert_pair_read(struct slice pem, struct slice key, struct tls_pair *ret,
		       char ret_trouble[TLS_TROUBLE_MAX])
{
	struct tls_pair p = { 0 };
	struct chain c;
	int r = chain_read(pem, &c, ret_trouble);

	if (r < 0)
		return r;
	r = take_all(&c, &p, ret_trouble);
	if (r == 0 && key.n > 0)
		r = match_key(c.v[0], key, ret_trouble);
	chain_done(&c);
	if (r < 0)
		tls_pair_done(&p);
	else
		*ret = p;
	if (r == -ENOMEM)
		ignore(wrong(ret_trouble, r, strerror(ENOMEM), 0));
	return r;
}

/* ---- where a chain leads ---- */

/* GnuTLS's bits, 0: trusted. */
static unsigned verify(gnutls_x509_trust_list_t list, struct chain *c)
{
	unsigned status = GNUTLS_CERT_INVALID;

	if (gnutls_x509_trust_list_verify_crt(
		    list, c->v, c->n,
		    GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
			    GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS,
		    &status, NULL) < 0)
		return GNUTLS_CERT_INVALID;
	return status;
}

/* Its own last certificate for the authority; the list must not free it. */
static bool leads_to_its_end(struct chain *c)
{
	gnutls_x509_trust_list_t list;
	bool yes;

	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return false;
	yes = gnutls_x509_trust_list_add_cas(list, &c->v[c->n - 1], 1, 0) ==
		      1 &&
	      verify(list, c) == 0;
	gnutls_x509_trust_list_deinit(list, 0);
	return yes;
}

static enum tls_chain_end say_why(const struct chain *c, unsigned status,
				  char ret_what[TLS_TROUBLE_MAX])
{
	size_t n = TLS_TROUBLE_MAX;
	gnutls_datum_t text = { 0 };

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND) {
		if (gnutls_x509_crt_get_issuer_dn(c->v[c->n - 1], ret_what,
						  &n) < 0)
			(void)snprintf(ret_what, TLS_TROUBLE_MAX, "?");
		return TLS_CHAIN_SHORT;
	}
	(void)gnutls_certificate_verification_status_print(
		status, GNUTLS_CRT_X509, &text, 0); /* or no words */
	(void)snprintf(ret_what, TLS_TROUBLE_MAX, "%s",
		       text.data ? (const char *)text.data : "?");
	gnutls_free(text.data);
	return TLS_CHAIN_BROKEN;
}

static enum tls_chain_end judge_by(gnutls_x509_trust_list_t list,
				   struct chain *c,
				   char ret_what[TLS_TROUBLE_MAX])
{
	gnutls_x509_crt_t last = c->v[c->n - 1];
	int known = gnutls_x509_trust_list_add_system_trust(list, 0, 0);
	unsigned status = verify(list, c);

	if (known > 0 && status == 0)
		return TLS_CHAIN_TRUSTED;
	if (gnutls_x509_crt_check_issuer(last, last) == 0)
		return known > 0 ? say_why(c, status, ret_what)
				 : TLS_CHAIN_UNKNOWN;
	if (c->n == 1)
		return TLS_CHAIN_SELF_SIGNED;
	if (leads_to_its_end(c))
		return TLS_CHAIN_OWN;
	/* nothing is missing from it */
	status &= ~(unsigned)GNUTLS_CERT_SIGNER_NOT_FOUND;
	return say_why(c, status, ret_what);
}

enum tls_chain_end tls_cert_chain_judge(struct slice pem,
					char ret_what[TLS_TROUBLE_MAX])
{
	gnutls_x509_trust_list_t list;
	enum tls_chain_end end = TLS_CHAIN_UNKNOWN;
	struct chain c;

	if (chain_read(pem, &c, ret_what) < 0)
		return TLS_CHAIN_BROKEN;
	if (gnutls_x509_trust_list_init(&list, 0) == 0) {
		end = judge_by(list, &c, ret_what);
		gnutls_x509_trust_list_deinit(list, 1);
	}
	chain_done(&c);
	return end;
}

/* ---- OCSP ---- */

int tls_staple_check(gnutls_ocsp_resp_t response, gnutls_x509_crt_t leaf,
		     gnutls_x509_crt_t issuer)
{
	time_t now = clock_real_us() / 1000000, from, until;
	unsigned status, trouble = 0;

	if (gnutls_ocsp_resp_get_status(response) !=
		    GNUTLS_OCSP_RESP_SUCCESSFUL ||
	    gnutls_ocsp_resp_check_crt(response, 0, leaf) < 0 ||
	    gnutls_ocsp_resp_get_single(response, 0, NULL, NULL, NULL, NULL,
					&status, &from, &until, NULL,
					NULL) < 0 ||
	    status != GNUTLS_OCSP_CERT_GOOD)
		return -EBADMSG;
	if (issuer && (gnutls_ocsp_resp_verify_direct(response, issuer,
						      &trouble, 0) < 0 ||
		       trouble != 0))
		return -EBADMSG;
	return until == (time_t)-1 || until <= now || from > now + EARLY_S
		       ? -ESTALE
		       : 0;
}

int tls_cert_staple_judge(struct slice pem, struct slice der,
			  char ret_trouble[TLS_TROUBLE_MAX])
{
	gnutls_ocsp_resp_t response;
	gnutls_datum_t d = datum(der);
	struct chain c;
	int r = chain_read(pem, &c, ret_trouble);

	if (r < 0)
		return r;
	if (gnutls_ocsp_resp_init(&response) < 0) {
		chain_done(&c);
		return -ENOMEM;
	}
	r = gnutls_ocsp_resp_import(response, &d) < 0
		    ? -EBADMSG
		    : tls_staple_check(response, c.v[0],
				       c.n > 1 ? c.v[1] : NULL);
	gnutls_ocsp_resp_deinit(response);
	chain_done(&c);
	if (r == -ESTALE)
		return wrong(ret_trouble, r, "the OCSP response is stale", 0);
	return r < 0 ? wrong(ret_trouble, r,
			     "the OCSP response is broken, or another's, or "
			     "does not say good",
			     0)
		     : 0;
}

/* ---- one of our own ---- */

static int describe(gnutls_x509_crt_t crt, char *const *names, size_t n,
		    unsigned days)
{
	unsigned char serial[SERIAL_BYTES];
	time_t now = clock_real_us() / 1000000;
	int r = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));

	serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x40); /* positive */
	if (r == 0)
		r = gnutls_x509_crt_set_version(crt, 3);
	if (r == 0)
		r = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	if (r == 0)
		r = gnutls_x509_crt_set_activation_time(crt, now - EARLY_S);
	if (r == 0)
		r = gnutls_x509_crt_set_expiration_time(
			crt, now + (time_t)days * DAY_S);
	if (r == 0)
		r = gnutls_x509_crt_set_dn_by_oid(
			crt, GNUTLS_OID_X520_COMMON_NAME, 0, names[0],
			(unsigned)strnlen(names[0], 64)); /* ub-common-name */
	for (size_t i = 0; r == 0 && i < n; i++)
		r = gnutls_x509_crt_set_subject_alt_name(
			crt, GNUTLS_SAN_DNSNAME, names[i],
			(unsigned)strlen(names[i]), GNUTLS_FSAN_APPEND);
	return r;
}

/* RFC 5280 §4.2.1: a server's certificate, nobody's authority. */
static int restrict_use(gnutls_x509_crt_t crt)
{
	unsigned char id[20];
	size_t n = sizeof(id);
	int r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);

	if (r == 0)
		r = gnutls_x509_crt_set_key_usage(crt,
						  GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (r == 0)
		r = gnutls_x509_crt_set_key_purpose_oid(
			crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	if (r == 0)
		r = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA1, id,
					       &n);
	return r == 0 ? gnutls_x509_crt_set_subject_key_id(crt, id, n) : r;
}

static int make(gnutls_x509_privkey_t key, gnutls_x509_crt_t crt,
		char *const *names, size_t n, unsigned days)
{
	int r = gnutls_x509_privkey_generate(
		key, GNUTLS_PK_EC,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);

	if (r == 0)
		r = describe(crt, names, n, days);
	if (r == 0)
		r = gnutls_x509_crt_set_key(crt, key);
	if (r == 0)
		r = restrict_use(crt);
	return r == 0 ? gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256,
					      0)
		      : r;
}

/* In PEM. */
static int export(gnutls_x509_privkey_t key, gnutls_x509_crt_t crt,
		  struct buf *ret_chain, struct buf *ret_key)
{
	gnutls_datum_t d = { 0 };
	int r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &d);

	if (r == 0)
		r = buf_put(ret_chain,
			    (struct slice){ (char *)d.data, d.size });
	gnutls_free(d.data);
	if (r == 0)
		r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM,
						      NULL, 0, &d);
	if (r < 0)
		return -ENOMEM;
	r = buf_put(ret_key, (struct slice){ (char *)d.data, d.size });
	explicit_bzero(d.data, d.size);
	gnutls_free(d.data);
	return r;
}

int tls_cert_self_signed(char *const *names, size_t n, unsigned days,
			 struct buf *ret_chain, struct buf *ret_key)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	int r = -ENOMEM;

	if (n == 0)
		return -EINVAL;
	if (gnutls_x509_privkey_init(&key) == 0 &&
	    gnutls_x509_crt_init(&crt) == 0)
		r = make(key, crt, names, n, days) == 0 ? 0 : -EINVAL;
	if (r == 0)
		r = export(key, crt, ret_chain, ret_key);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return r;
}
