/* SPDX-License-Identifier: ISC */
/* Where the TLS library begins: a table of functions in a module of its own,
 * which a process loads when the first handshake is wanted. Most sessions of a
 * host that is scanned all day see none, and loading the library costs more
 * than they do (doc/tls.md has the figures). */
#pragma once

#include "base/module.h"
#include "net/tls.h"
#include "net/tls_cert.h"

struct tls_module {
	struct module module;
	int (*server_new)(const struct tls_server_config *c, struct tls **ret);
	int (*client_new)(const struct tls_client_config *c, struct tls **ret);
	void (*free)(struct tls *t);
	int (*accept)(struct tls *t, struct stream *s, struct tls_info *ret);
	int (*connect)(struct tls *t, struct stream *s, const char *host,
		       bool must, struct tls_info *ret);
	int (*pair_read)(struct slice chain, struct slice key,
			 struct tls_pair *ret,
			 char ret_trouble[TLS_TROUBLE_MAX]);
	int (*self_signed)(char *const *names, size_t n, unsigned days,
			   struct buf *ret_chain, struct buf *ret_key);
	enum tls_chain_end (*chain_judge)(struct slice chain,
					  char ret_what[TLS_TROUBLE_MAX]);
	int (*staple_judge)(struct slice chain, struct slice response,
			    char ret_trouble[TLS_TROUBLE_MAX]);
};

/* The module's one symbol. */
#define TLS_MODULE_SYMBOL "postern_tls"
#define TLS_MODULE_FILE   "postern-tls.so"
extern const struct tls_module postern_tls;

/* Loaded on the first call; NULL: it is not there, or of another version.
 * Programs look beside themselves, then where it was installed. What links
 * the TLS library itself (tests) has it at hand: tls_linked.c. */
const struct tls_module *tls_module(void);
