/* SPDX-License-Identifier: ISC */
/* See certs.h. */
#include "certs.h"

#include <criterion/criterion.h>
#include <gnutls/crypto.h>

#define DAY_S (24 * 60 * 60)

static gnutls_x509_privkey_t new_key(bool rsa)
{
	gnutls_x509_privkey_t key;

	cr_assert_eq(gnutls_x509_privkey_init(&key), 0);
	cr_assert_eq(
		gnutls_x509_privkey_generate(
			key, rsa ? GNUTLS_PK_RSA : GNUTLS_PK_EC,
			rsa ? 2048
			    : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
			0),
		0);
	return key;
}

static gnutls_x509_crt_t new_crt(gnutls_x509_privkey_t key, int from_days,
				 int until_days)
{
	gnutls_x509_crt_t crt;
	unsigned char serial[12];
	time_t now = time(NULL);

	cr_assert_eq(gnutls_x509_crt_init(&crt), 0);
	cr_assert_eq(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)), 0);
	serial[0] = 0x41;
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	gnutls_x509_crt_set_activation_time(crt, now + from_days * DAY_S);
	gnutls_x509_crt_set_expiration_time(crt, now + until_days * DAY_S);
	gnutls_x509_crt_set_key(crt, key);
	return crt;
}

void authority_new(struct authority *ret)
{
	ret->key = new_key(false);
	ret->crt = new_crt(ret->key, -1, 30);
	gnutls_x509_crt_set_dn_by_oid(ret->crt, GNUTLS_OID_X520_COMMON_NAME, 0,
				      "Test CA", 7);
	gnutls_x509_crt_set_basic_constraints(ret->crt, 1, -1);
	gnutls_x509_crt_set_key_usage(ret->crt,
				      GNUTLS_KEY_KEY_CERT_SIGN |
					      GNUTLS_KEY_DIGITAL_SIGNATURE);
	cr_assert_eq(gnutls_x509_crt_sign2(ret->crt, ret->crt, ret->key,
					   GNUTLS_DIG_SHA256, 0),
		     0);
}

void authority_done(struct authority *a)
{
	gnutls_x509_crt_deinit(a->crt);
	gnutls_x509_privkey_deinit(a->key);
}

void certs_spill(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	cr_assert(f && fwrite(p, 1, n, f) == n && fclose(f) == 0, "%s", path);
}

char *certs_slurp(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "r");
	char *p = calloc(1, 65536);

	cr_assert(f && p, "%s", path);
	*ret_n = fread(p, 1, 65535, f);
	fclose(f);
	return p;
}

void authority_write(const struct authority *a, const char *path)
{
	gnutls_datum_t d;

	cr_assert_eq(gnutls_x509_crt_export2(a->crt, GNUTLS_X509_FMT_PEM, &d),
		     0);
	certs_spill(path, d.data, d.size);
	gnutls_free(d.data);
}

void certs_write(const struct authority *a, const struct wanted *w,
		 const char *path)
{
	gnutls_x509_privkey_t key = new_key(w->rsa);
	gnutls_x509_crt_t crt = new_crt(key, w->from_days, w->until_days);
	gnutls_datum_t k, c;
	char all[16384];

	if (w->cn)
		gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME,
					      0, w->cn, strlen(w->cn));
	if (w->name)
		gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
						     w->name, strlen(w->name),
						     GNUTLS_FSAN_APPEND);
	if (w->mailbox)
		gnutls_x509_crt_set_subject_alt_name(
			crt, GNUTLS_SAN_RFC822NAME, w->mailbox,
			strlen(w->mailbox), GNUTLS_FSAN_APPEND);
	cr_assert_eq(gnutls_x509_crt_sign2(crt, a->crt, a->key,
					   GNUTLS_DIG_SHA256, 0),
		     0);
	cr_assert_eq(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &k),
		     0);
	cr_assert_eq(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &c), 0);
	(void)snprintf(all, sizeof(all), "%.*s%.*s", (int)k.size,
		       (char *)k.data, (int)c.size, (char *)c.data);
	certs_spill(path, all, strlen(all));
	gnutls_free(k.data);
	gnutls_free(c.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

static void write_index(const char *leaf, bool good, const char *index)
{
	size_t n;
	char *pem = certs_slurp(leaf, &n);
	gnutls_datum_t d = { (unsigned char *)pem, n };
	unsigned char serial[20];
	size_t serial_n = sizeof(serial);
	gnutls_x509_crt_t crt;
	FILE *f = fopen(index, "w");

	gnutls_x509_crt_init(&crt);
	cr_assert_eq(gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_PEM), 0);
	gnutls_x509_crt_get_serial(crt, serial, &serial_n);
	fprintf(f, "%s\t301231000000Z\t%s\t", good ? "V" : "R",
		good ? "" : "250101000000Z");
	for (size_t i = 0; i < serial_n; i++)
		fprintf(f, "%02X", serial[i]);
	fprintf(f, "\tunknown\t/CN=x\n");
	fclose(f);
	gnutls_x509_crt_deinit(crt);
	free(pem);
}

bool certs_staple(const struct authority *a, const char *leaf, bool good,
		  const char *response)
{
	char ca[300], index[300], command[2000];
	gnutls_datum_t c, k;
	char all[8192];

	if (access("/usr/bin/openssl", X_OK) < 0)
		return false;
	(void)snprintf(ca, sizeof(ca), "%s.ca", response);
	(void)snprintf(index, sizeof(index), "%s.index", response);
	gnutls_x509_crt_export2(a->crt, GNUTLS_X509_FMT_PEM, &c);
	gnutls_x509_privkey_export2(a->key, GNUTLS_X509_FMT_PEM, &k);
	(void)snprintf(all, sizeof(all), "%.*s%.*s", (int)c.size,
		       (char *)c.data, (int)k.size, (char *)k.data);
	certs_spill(ca, all, strlen(all));
	gnutls_free(c.data);
	gnutls_free(k.data);
	write_index(leaf, good, index);
	(void)snprintf(command, sizeof(command),
		       "{ openssl ocsp -issuer %s -cert %s -reqout %s.ask && "
		       "openssl ocsp -index %s -rsigner %s -CA %s -reqin "
		       "%s.ask -respout %s -ndays 1; } >/dev/null 2>&1",
		       ca, leaf, response, index, ca, ca, response, response);
	cr_assert_eq(system(command), 0, "%s", command);
	return true;
}
