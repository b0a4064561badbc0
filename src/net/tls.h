/* SPDX-License-Identifier: ISC */
/* TLS under a stream, by GnuTLS, of which nobody else knows. RFC 8446, 5246
 * (1.2 is the floor), 9325. What came in the clear before the handshake does
 * not survive it (RFC 3207 §4.2); an end of input without close_notify is a
 * truncation, not an end. */
#pragma once

#include "net/stream.h"
#include "net/tls_cert.h"

/* What one side shows and trusts; any number of sessions use it. */
struct tls;

/* A session, once the handshake is done. */
struct tls_info {
	char version[16];          /* "TLS1.3" */
	char cipher[64];           /* "TLS_AES_256_GCM_SHA384" */
	char server[TLS_NAME_MAX]; /* the name the client asked for (SNI) */
	char client[TLS_NAME_MAX]; /* server: whom a verified certificate
				      names (rfc822Name, else CN); or "" */
	bool resumed;
	bool verified;             /* the peer's chain is trusted and, where
				      a name was wanted, that name's */
	unsigned char binding[32]; /* tls-exporter, RFC 9266 */
	size_t binding_n;          /* 0: there is none */
	char trouble[256];         /* why it failed, for people */
};

struct tls_server_config {
	const char *directory; /* published certificates: doc/tls.md */
	const char *prefix;    /* of their files' names there; NULL: none */
	const char *priority;  /* GnuTLS's words; NULL, "": the system's
				  policy, or else what RFC 9325 allows */
	const char *client_ca; /* PEM: who signs client certificates; NULL:
				  none is asked for */
	const char *alpn;      /* "pop3" (RFC 7301 registry); NULL: none */
	bool ahead;            /* certificates (their keys not) are read now,
				  for many sessions in processes of ours */
};

/* 0; -ENOENT: there is no certificate; -EBADMSG, -ENOMEM, … */
int tls_server_new(const struct tls_server_config *c,
		   struct tls **ret) MUST_LOOK;

struct tls_client_config {
	const char *priority;
	const char *ca;   /* PEM; NULL: the system's */
	const char *cert; /* our own, PEM; NULL: none */
	const char *key;
};
int tls_client_new(const struct tls_client_config *c,
		   struct tls **ret) MUST_LOOK;

void tls_free(struct tls *t);

/* The server's side of a handshake on `s`, within its deadlines; buffered
 * input is forgotten. From then on `s` carries TLS; stream_free ends it with
 * close_notify. 0, or -EPROTO, -ETIMEDOUT, … with ret->trouble: then `s` is of
 * no more use. */
int tls_accept(struct tls *t, struct stream *s, struct tls_info *ret) MUST_LOOK;

/* The client's side. host: for SNI and, with `must`, what the certificate has
 * to be good for (RFC 6125, 9525): -EPROTO if it is not. Without, any
 * certificate does, and ret->verified tells. */
int tls_connect(struct tls *t, struct stream *s, const char *host, bool must,
		struct tls_info *ret) MUST_LOOK;
