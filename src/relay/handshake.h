/* SPDX-License-Identifier: ISC */
/* TLS with other hosts, as a worker gives it to the client. */
#pragma once

#include "conf/settings.h"
#include "net/tls.h"

struct handshake {
	const struct settings *settings;
	struct tls *tls;         /* made when the first one is wanted */
	char name[TLS_NAME_MAX]; /* whom the certificate has to name */
	bool must;               /* it has to */
};

/* client_security's starttls; the context is a struct handshake. */
int handshake_run(void *context, struct stream *s,
		  struct tls_info *ret) MUST_LOOK;

/* "TLS1.3 TLS_AES_256_GCM_SHA384 verified", for the log. NULL: in the clear. */
void handshake_text(const struct tls_info *info, char *ret, size_t n);

void handshake_done(struct handshake *h);
