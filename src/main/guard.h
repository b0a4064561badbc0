/* SPDX-License-Identifier: ISC */
/* What stands between a session and its secrets: TLS at this door, and
 * whether a password may be given in the clear. */
#pragma once

#include "conf/settings.h"
#include "main/door.h"
#include "net/tls.h"

struct guard {
	const struct settings *settings; /* borrowed */
	const struct door *door;         /* borrowed */
	const char *alpn;                /* "pop3" or NULL */
	bool certificate;                /* one is published */
	bool in_tls;
	struct tls *tls;
	struct tls_info info;
};

/* Looks whether there is a certificate; loads nothing. */
void guard_start(struct guard *g, const struct settings *settings,
		 const struct door *door, const char *alpn);

/* Has STARTTLS a use here? Not without a certificate, and not where there is
 * no network. */
bool guard_offers_tls(const struct guard *g);

/* The handshake, within the stream's deadlines; *ret as tls_accept, its
 * trouble said in any case. 0 or -errno: then the stream is of no more use. */
int guard_handshake(struct guard *g, struct stream *s,
		    struct tls_info *ret) MUST_LOOK;

/* May a password be given as it is, now? [auth] cleartext, the door, TLS. */
bool guard_cleartext(const struct guard *g);

void guard_done(struct guard *g);
