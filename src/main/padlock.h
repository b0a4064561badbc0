/* SPDX-License-Identifier: ISC */
/* The server's side of TLS as the settings and the unit have it: which
 * certificates, and whether there are any. systemd's LoadCredential=tls:…
 * (files tls_NAME below $CREDENTIALS_DIRECTORY) goes before [tls] directory. */
#pragma once

#include "conf/settings.h"
#include "net/tls.h"

/* Is a certificate there, so that STARTTLS may be offered? 1; 0: nobody has
 * published any; -errno: one may be, and we cannot read it, which is no licence
 * to do without. Costs one access(2), and loads nothing. */
int padlock_is_there(const struct settings *s) MUST_LOOK;

/* Loads the TLS library: only when a handshake is wanted, and before anything
 * forbids to open files. service: "smtp", "pop3"; ahead: for many sessions. As
 * tls_server_new. */
int padlock_open(const struct settings *s, const char *service, bool ahead,
		 struct tls **ret) MUST_LOOK;

/* The directory of them, for who wants to know when it changes; false: there
 * is no certificate that we can read. */
bool padlock_directory(const struct settings *s, const char **ret);
