/* SPDX-License-Identifier: ISC */
/* See tls.h: what one side shows and trusts, and the module's table. */
#include "net/tls_gnutls.h"

#include <fcntl.h>

#include "base/file.h"

#include "config.h"

#define TICKET_KEY_BYTES 64

/* RFC 9325 §3.1.1, whatever the policy says; 0-RTT is off unless asked for. */
#define FLOOR ":-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1"

/* Where the system has no policy: RFC 9325 §4: forward secrecy and AEAD only;
 * RFC 9155: no SHA-1. */
#define SENSIBLE                                                               \
	"NORMAL" FLOOR ":-RSA:-DHE-RSA:-AES-128-CBC:-AES-256-CBC:-SHA1"        \
	":-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1"

/* The same, in the order of what it costs: X25519 is two thirds of P-256, and
 * of the rest SHA-384 a third, which SHA-256 in hardware is not. For clients
 * that tls_hello.suits: doc/tls.md. */
#define OUR_ORDER                                                              \
	":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-X448"               \
	":+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-FFDHE2048"                  \
	":+GROUP-FFDHE3072:+GROUP-FFDHE4096"                                   \
	":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"            \
	":+AES-256-CCM:+AES-128-CCM:%SERVER_PRECEDENCE"

const char tls_side_their_order[] = SENSIBLE;

/* GnuTLS's own words, the floor behind them. */
static int set_priority(struct tls *t, const char *words)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "%s" FLOOR, words);

	if (n < 0 || (size_t)n >= sizeof(text))
		return -EINVAL;
	return gnutls_priority_init(&t->priority, text, NULL) == 0 ? 0
								   : -EINVAL;
}

static int choose_priority(struct tls *t, const char *words)
{
	if (words && words[0] != '\0')
		return set_priority(t, words);
	if (set_priority(t, "@SYSTEM") == 0)
		return 0;
	t->in_our_order = t->server;
	return gnutls_priority_init(&t->priority,
				    t->server ? SENSIBLE OUR_ORDER : SENSIBLE,
				    NULL) == 0
		       ? 0
		       : -EINVAL;
}

int tls_file_read(int dir, const char *name, size_t most, struct stat *ret_file,
		  gnutls_datum_t *ret)
{
	struct stat st;
	int fd CLEANUP(file_close) = file_open_stat(dir, name, O_RDONLY, &st);
	unsigned char *p;
	ssize_t n;

	if (fd < 0)
		return fd;
	if (st.st_size <= 0 || (uint64_t)st.st_size > most)
		return -EBADMSG;
	p = gnutls_malloc((size_t)st.st_size + 1);
	if (!p)
		return -ENOMEM;
	n = file_read_at(fd, p, (size_t)st.st_size, 0);
	if (n < 0) {
		gnutls_free(p);
		return (int)n;
	}
	p[n] = '\0';
	*ret = (gnutls_datum_t){ p, (unsigned)n };
	if (ret_file)
		*ret_file = st;
	return 0;
}

static int new_side(bool server, const char *priority, struct tls **ret)
{
	struct tls *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->server = server;
	t->directory = -1;
	r = gnutls_certificate_allocate_credentials(&t->credentials) < 0
		    ? -ENOMEM
		    : choose_priority(t, priority);
	if (r < 0) {
		tls_side_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void tls_side_free(struct tls *t)
{
	if (!t)
		return;
	tls_keys_forget(t);
	if (t->credentials)
		gnutls_certificate_free_credentials(t->credentials);
	if (t->priority)
		gnutls_priority_deinit(t->priority);
	if (t->ticket_key.data)
		explicit_bzero(t->ticket_key.data, t->ticket_key.size);
	gnutls_free(t->ticket_key.data);
	if (t->directory >= 0)
		(void)close(t->directory); /* was only read */
	free(t);
}

/* ---- the server ---- */

static bool has_default(const struct tls *t)
{
	static const char *const types[] = { "ecdsa", "rsa" };
	char name[NAME_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		(void)snprintf(name, sizeof(name), "%sdefault.%s.pem",
			       t->prefix, types[i]);
		if (faccessat(t->directory, name, R_OK, 0) == 0)
			return true;
	}
	return false;
}

/* Without the key there are no tickets, and nothing else is amiss. */
static void read_ticket_key(struct tls *t)
{
	char name[NAME_MAX + 1];

	(void)snprintf(name, sizeof(name), "%sticket.key", t->prefix);
	if (tls_file_read(t->directory, name, TICKET_KEY_BYTES, NULL,
			  &t->ticket_key) < 0)
		return;
	if (t->ticket_key.size == TICKET_KEY_BYTES)
		return;
	gnutls_free(t->ticket_key.data);
	t->ticket_key = (gnutls_datum_t){ 0 };
}

/* RFC 8446 §B.4: any key will do for a suite of TLS 1.3, 0x13xx. */
static void list_ecdsa_suites(struct tls *t)
{
	unsigned char id[2];
	unsigned at;
	int r;

	for (unsigned i = 0; t->ecdsa.n < TLS_SUITES_MAX; i++) {
		gnutls_kx_algorithm_t kx = GNUTLS_KX_UNKNOWN;

		r = gnutls_priority_get_cipher_suite_index(t->priority, i, &at);
		if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (r == 0 &&
		    gnutls_cipher_suite_info(at, id, &kx, NULL, NULL, NULL) &&
		    (id[0] == 0x13 || kx == GNUTLS_KX_ECDHE_ECDSA))
			t->ecdsa.v[t->ecdsa.n++] =
				(uint16_t)(id[0] << 8 | id[1]);
	}
}

static int trust(struct tls *t, const char *ca)
{
	int n = gnutls_certificate_set_x509_trust_file(t->credentials, ca,
						       GNUTLS_X509_FMT_PEM);

	if (n == GNUTLS_E_FILE_ERROR)
		return -ENOENT;
	return n > 0 ? 0 : -EBADMSG;
}

static int set_up_server(struct tls *t, const struct tls_server_config *c)
{
	if (c->prefix)
		(void)snprintf(t->prefix, sizeof(t->prefix), "%s", c->prefix);
	if (c->alpn)
		(void)snprintf(t->alpn, sizeof(t->alpn), "%s", c->alpn);
	t->directory = file_open_dir(AT_FDCWD, c->directory);
	if (t->directory < 0)
		return t->directory;
	if (!has_default(t))
		return -ENOENT;
	read_ticket_key(t);
	list_ecdsa_suites(t);
	if (c->ahead)
		tls_keys_read_ahead(t);
	gnutls_certificate_set_retrieve_function3(t->credentials,
						  tls_keys_retrieve);
	if (!c->client_ca)
		return 0;
	t->asks_client = true;
	/* -ENOENT means no certificate of ours */
	return trust(t, c->client_ca) < 0 ? -EBADMSG : 0;
}

int tls_side_server(const struct tls_server_config *c, struct tls **ret)
{
	struct tls *t;
	int r = new_side(true, c->priority, &t);

	if (r < 0)
		return r;
	r = set_up_server(t, c);
	if (r < 0) {
		tls_side_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

/* ---- the client ---- */

static int set_up_client(struct tls *t, const struct tls_client_config *c)
{
	int r = 0;

	if (c->ca)
		r = trust(t, c->ca);
	else /* a system without any trusts nobody */
		ignore(gnutls_certificate_set_x509_system_trust(
			t->credentials));
	if (r == 0 && c->cert)
		r = gnutls_certificate_set_x509_key_file(
			    t->credentials, c->cert, c->key ? c->key : c->cert,
			    GNUTLS_X509_FMT_PEM) < 0
			    ? -EBADMSG
			    : 0;
	return r;
}

int tls_side_client(const struct tls_client_config *c, struct tls **ret)
{
	struct tls *t;
	int r = new_side(false, c->priority, &t);

	if (r < 0)
		return r;
	r = set_up_client(t, c);
	if (r < 0) {
		tls_side_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

const struct tls_module postern_tls = {
	.module = { PACKAGE_VERSION },
	.server_new = tls_side_server,
	.client_new = tls_side_client,
	.free = tls_side_free,
	.accept = tls_session_accept,
	.connect = tls_session_connect,
	.pair_read = tls_cert_pair_read,
	.self_signed = tls_cert_self_signed,
	.chain_judge = tls_cert_chain_judge,
	.staple_judge = tls_cert_staple_judge,
};
