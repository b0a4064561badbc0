/* SPDX-License-Identifier: ISC */
/* See tls_gnutls.h: published certificates, looked up when a client asks.
 * Opened are the files of its name, else those of the name's wildcard, else
 * the default's, however many others there are. RFC 6066 §3 (SNI), §8 (OCSP).
 */
#include "net/tls_gnutls.h"

#include <dirent.h>

#include "base/file.h"

#define AHEAD_MAX 64
#define PEM_MAX   (256U << 10)
#define OCSP_MAX  (64U << 10)
#define CHAIN_MAX 12

enum type {
	ECDSA,
	RSA,
	TYPES,
};
static const char *const type_names[] = { "ecdsa", "rsa" };

/* ---- whose ---- */

struct found {
	char name[TLS_NAME_MAX];
	enum type type;
	struct stat file;
	gnutls_datum_t pem;
};

static int read_pem(const struct tls *t, const char *name, enum type type,
		    struct found *ret)
{
	char file[TLS_NAME_MAX + 80];

	(void)snprintf(file, sizeof(file), "%s%s.%s.pem", t->prefix, name,
		       type_names[type]);
	return tls_file_read(t->directory, file, PEM_MAX, &ret->file,
			     &ret->pem);
}

/* The kinds of key to try, best first. */
static void order(gnutls_session_t session, enum type ret[TYPES])
{
	bool ecdsa = false, rsa = false;
	gnutls_sign_algorithm_t sign;

	for (size_t i = 0;
	     gnutls_sign_algorithm_get_requested(session, i, &sign) == 0; i++) {
		ecdsa |= gnutls_sign_supports_pk_algorithm(sign, GNUTLS_PK_EC);
		rsa |= gnutls_sign_supports_pk_algorithm(sign, GNUTLS_PK_RSA);
	}
	/* a TLS 1.2 client may take such signatures, yet no such suites */
	ecdsa = ecdsa && tls_session_hello(session)->ecdsa_suites;
	ret[0] = ecdsa || !rsa ? ECDSA : RSA;
	ret[1] = ret[0] == ECDSA ? RSA : ECDSA;
}

static bool find(const struct tls *t, const char *name,
		 const enum type types[TYPES], struct found *ret)
{
	for (int i = 0; i < TYPES; i++)
		if (read_pem(t, name, types[i], ret) == 0) {
			ret->type = types[i];
			(void)snprintf(ret->name, sizeof(ret->name), "%s",
				       name);
			return true;
		}
	return false;
}

/* The wildcard *.example.org lies in files named "_.example.org". */
static bool find_parent(const struct tls *t, const char *name,
			const enum type types[TYPES], struct found *ret)
{
	char wildcard[TLS_NAME_MAX + 1];
	const char *parent = strchr(name, '.');

	if (!parent)
		return false;
	(void)snprintf(wildcard, sizeof(wildcard), "_%s", parent);
	return find(t, wildcard, types, ret);
}

static bool find_any(gnutls_session_t session, struct found *ret)
{
	const struct tls *t = tls_session_side(session);
	char asked[TLS_NAME_MAX], name[TLS_NAME_MAX];
	size_t n = sizeof(asked);
	enum type types[TYPES];
	unsigned kind;

	order(session, types);
	if (gnutls_server_name_get(session, asked, &n, &kind, 0) == 0 &&
	    kind == GNUTLS_NAME_DNS &&
	    tls_name_judge(slice_of(asked), name) == 0 &&
	    (find(t, name, types, ret) || find_parent(t, name, types, ret)))
		return true;
	return find(t, "default", types, ret);
}

/* ---- what is handed to GnuTLS ---- */

static void free_chain(gnutls_pcert_st *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		gnutls_pcert_deinit(&v[i]);
	gnutls_free(v);
}

void tls_keys_done(struct tls_shown *s)
{
	if (s->chain && !s->ahead)
		free_chain(s->chain, s->n);
	if (s->key)
		gnutls_privkey_deinit(s->key);
	if (s->staple)
		gnutls_free(s->staple->response.data);
	gnutls_free(s->staple);
	*s = (struct tls_shown){ .n = 0 };
}

static int import_key(const gnutls_datum_t *pem, gnutls_privkey_t *ret)
{
	gnutls_privkey_t key;
	int r = gnutls_privkey_init(&key);

	if (r < 0)
		return r;
	r = gnutls_privkey_import_x509_raw(key, pem, GNUTLS_X509_FMT_PEM, NULL,
					   0);
	if (r < 0)
		gnutls_privkey_deinit(key);
	else
		*ret = key;
	return r;
}

static int import_chain(const gnutls_datum_t *pem, gnutls_pcert_st **ret,
			unsigned *ret_n)
{
	gnutls_pcert_st *v = gnutls_calloc(CHAIN_MAX, sizeof(*v));
	unsigned n = CHAIN_MAX;
	int r;

	if (!v)
		return GNUTLS_E_MEMORY_ERROR;
	r = gnutls_pcert_list_import_x509_raw(v, &n, pem, GNUTLS_X509_FMT_PEM,
					      0);
	if (r < 0) {
		gnutls_free(v);
		return r;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Published files are replaced, not written to. */
static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && same_time(a->st_mtim, b->st_mtim) &&
	       same_time(a->st_ctim, b->st_ctim);
}

static const struct tls_chain *find_ahead(const struct tls *t,
					  const struct stat *file)
{
	for (size_t i = 0; i < t->n_ahead; i++)
		if (same_file(&t->ahead[i].file, file))
			return &t->ahead[i];
	return NULL;
}

static int import(const struct tls *t, const struct found *f,
		  struct tls_shown *ret)
{
	const struct tls_chain *c = find_ahead(t, &f->file);
	int r = 0;

	if (c) {
		ret->chain = c->v;
		ret->n = c->n;
		ret->ahead = true;
	} else {
		r = import_chain(&f->pem, &ret->chain, &ret->n);
	}
	return r < 0 ? r : import_key(&f->pem, &ret->key);
}

static bool is_good_staple(const gnutls_datum_t *der, const struct tls_shown *s)
{
	gnutls_ocsp_resp_t response = NULL;
	gnutls_x509_crt_t leaf = NULL, issuer = NULL;
	bool good = false;

	if (gnutls_ocsp_resp_init(&response) == 0 &&
	    gnutls_ocsp_resp_import(response, der) == 0 &&
	    gnutls_pcert_export_x509(&s->chain[0], &leaf) == 0 &&
	    (s->n < 2 || gnutls_pcert_export_x509(&s->chain[1], &issuer) == 0))
		good = tls_staple_check(response, leaf, issuer) == 0;
	if (leaf)
		gnutls_x509_crt_deinit(leaf);
	if (issuer)
		gnutls_x509_crt_deinit(issuer);
	if (response)
		gnutls_ocsp_resp_deinit(response);
	return good;
}

/* A response that is stale, broken or another certificate's would end the
 * handshake at the client: none is better. */
static void staple(const struct tls *t, const struct found *f,
		   struct tls_shown *s)
{
	char file[TLS_NAME_MAX + 80];
	gnutls_datum_t der;

	(void)snprintf(file, sizeof(file), "%s%s.%s.ocsp", t->prefix, f->name,
		       type_names[f->type]);
	if (tls_file_read(t->directory, file, OCSP_MAX, NULL, &der) < 0)
		return;
	if (is_good_staple(&der, s))
		s->staple = gnutls_calloc(1, sizeof(*s->staple));
	if (s->staple)
		s->staple->response = der;
	else
		gnutls_free(der.data);
}

int tls_keys_retrieve(gnutls_session_t session,
		      const struct gnutls_cert_retr_st *info,
		      gnutls_pcert_st **ret_chain, unsigned *ret_n,
		      gnutls_ocsp_data_st **ret_staple, unsigned *ret_staple_n,
		      gnutls_privkey_t *ret_key, unsigned *ret_flags)
{
	const struct tls *t = tls_session_side(session);
	struct tls_shown *s = tls_session_shown(session);
	struct found f;
	int r;

	(void)info; /* of a server it says nothing */
	if (!find_any(session, &f))
		return -1;
	tls_keys_done(s);
	r = import(t, &f, s);
	explicit_bzero(f.pem.data, f.pem.size);
	gnutls_free(f.pem.data);
	if (r < 0)
		return -1;
	staple(t, &f, s);
	*ret_chain = s->chain;
	*ret_n = s->n;
	*ret_key = s->key;
	*ret_staple = s->staple;
	*ret_staple_n = s->staple ? 1 : 0;
	*ret_flags = 0; /* ours: tls_keys_done */
	return 0;
}

/* ---- before anybody asks ---- */

static bool is_pem(const struct tls *t, const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, t->prefix, strlen(t->prefix)) == 0 && n > 4 &&
	       strcmp(name + n - 4, ".pem") == 0;
}

static void read_one_ahead(struct tls *t, const char *name)
{
	struct tls_chain *c = &t->ahead[t->n_ahead];
	gnutls_datum_t pem;

	if (tls_file_read(t->directory, name, PEM_MAX, &c->file, &pem) < 0)
		return;
	if (import_chain(&pem, &c->v, &c->n) == 0)
		t->n_ahead++;
	explicit_bzero(pem.data, pem.size); /* the key is there, too */
	gnutls_free(pem.data);
}

void tls_keys_read_ahead(struct tls *t)
{
	int fd = file_open_dir(t->directory, ".");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!dir) {
		file_close(&fd);
		return;
	}
	t->ahead = calloc(AHEAD_MAX, sizeof(*t->ahead));
	while (t->ahead && t->n_ahead < AHEAD_MAX && (e = readdir(dir)))
		if (is_pem(t, e->d_name))
			read_one_ahead(t, e->d_name);
	(void)closedir(dir); /* was only read */
}

void tls_keys_forget(struct tls *t)
{
	for (size_t i = 0; i < t->n_ahead; i++)
		free_chain(t->ahead[i].v, t->ahead[i].n);
	free(t->ahead);
	t->ahead = NULL;
	t->n_ahead = 0;
}
