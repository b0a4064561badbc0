/* SPDX-License-Identifier: ISC */
/* Within the TLS module: what its files share. */
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#include <sys/stat.h>

#include "net/tls_module.h"

#define TLS_SUITES_MAX 64
struct tls_suites {
	uint16_t v[TLS_SUITES_MAX];
	size_t n;
};

/* Certificates read before anybody asks, of a file as it was then. Without the
 * key, which is read when it is wanted, and by whom. */
struct tls_chain {
	struct stat file;
	gnutls_pcert_st *v;
	unsigned n;
};

struct tls {
	bool server;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
	bool in_our_order; /* groups and ciphers, where that suits a client */
	gnutls_datum_t ticket_key; /* shared by all handlers; may be empty */
	int directory;             /* published certificates, or -1 */
	char prefix[64];           /* of their names */
	struct tls_suites ecdsa;   /* of ours: those that an ECDSA key serves */
	struct tls_chain *ahead;   /* likewise; n_ahead of them */
	size_t n_ahead;
	bool asks_client; /* for a certificate */
	char alpn[32];
};

/* What the client's hello says about keys it can judge, and what it would
 * rather have (tls_hello.c). */
struct tls_hello {
	bool ecdsa_suites; /* one that we serve with an ECDSA key */
	/* our order is as good for it as its own: its key for X25519 is here
	 * already (or it names none at all, in TLS 1.2), it asks for no more
	 * than the 128 bits of that, and has AES in hardware */
	bool suits;
};

/* Read a ClientHello's body (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2). */
void tls_hello_read(struct slice body, const struct tls_suites *ecdsa,
		    struct tls_hello *ret);

/* May the response be stapled to `leaf`: good, that certificate's, and fresh?
 * 0, -EBADMSG, -ESTALE. */
int tls_staple_check(gnutls_ocsp_resp_t response, gnutls_x509_crt_t leaf,
		     gnutls_x509_crt_t issuer) MUST_LOOK;

/* As gnutls_certificate_retrieve_function3: the published pair for the name
 * that the client asked for, of a type it can judge. */
gnutls_certificate_retrieve_function3 tls_keys_retrieve;

/* What that shows in a session, for as long as GnuTLS has it. */
struct tls_shown {
	gnutls_pcert_st *chain;
	unsigned n;
	bool ahead; /* the chain is the side's */
	gnutls_privkey_t key;
	gnutls_ocsp_data_st *staple;
};
void tls_keys_done(struct tls_shown *s);

/* Read the published chains, so that sessions of processes that are forked have
 * them; what cannot be read is left to the session that wants it. */
void tls_keys_read_ahead(struct tls *t);
void tls_keys_forget(struct tls *t);

/* Read the file `name` of at most `most` bytes below `dir`: malloc'd and with
 * a NUL behind it, or -errno. ret_file: NULL, or what fstat(2) said. */
int tls_file_read(int dir, const char *name, size_t most, struct stat *ret_file,
		  gnutls_datum_t *ret) MUST_LOOK;

/* The priority of a side in our order, for clients that it does not suit. */
extern const char tls_side_their_order[];

/* What a session hangs on its gnutls_session_t. */
struct tls_session;
const struct tls *tls_session_side(gnutls_session_t session);
const struct tls_hello *tls_session_hello(gnutls_session_t session);
struct tls_shown *tls_session_shown(gnutls_session_t session);

/* The table's functions, where they are. */
int tls_side_server(const struct tls_server_config *c, struct tls **ret);
int tls_side_client(const struct tls_client_config *c, struct tls **ret);
void tls_side_free(struct tls *t);
int tls_session_accept(struct tls *t, struct stream *s, struct tls_info *ret);
int tls_session_connect(struct tls *t, struct stream *s, const char *host,
			bool must, struct tls_info *ret);
int tls_cert_pair_read(struct slice chain, struct slice key,
		       struct tls_pair *ret, char ret_trouble[TLS_TROUBLE_MAX]);
int tls_cert_self_signed(char *const *names, size_t n, unsigned days,
			 struct buf *ret_chain, struct buf *ret_key);
enum tls_chain_end tls_cert_chain_judge(struct slice chain,
					char ret_what[TLS_TROUBLE_MAX]);
int tls_cert_staple_judge(struct slice chain, struct slice response,
			  char ret_trouble[TLS_TROUBLE_MAX]);
