/* SPDX-License-Identifier: ISC */
/* `postern check`: what the settings say of TLS besides certificates that are
 * published: tried as the programs will, each by itself. */
#include <sys/stat.h>

#include "cli/check.h"
#include "cli/rights.h"
#include "net/tls.h"

/* Without the library nothing is told; published pairs say that. */
static int try(const struct tls_client_config *c)
{
	struct tls *t = NULL;
	int r = tls_client_new(c, &t);

	tls_free(t);
	return r == -ELIBACC ? 0 : r;
}

static void check_priority(const char *words, struct report *r)
{
	const struct tls_client_config c = { .priority = words };

	if (try(&c) == -EINVAL)
		report_broken(r, NULL, 0,
			      "gnutls-cli --list --priority WORDS tries them; "
			      "empty leaves it to the system",
			      "GnuTLS does not understand priority in [tls], "
			      "'%s': there is no TLS",
			      words);
}

/* Root asks for the accounts that will open it, which end with NULL. False: it
 * need not be tried. */
static bool is_readable(const char *path, const char *const *accounts,
			struct report *r)
{
	struct rights a;
	struct stat st;

	if (stat(path, &st) < 0) {
		report_broken(r, path, 0, "correct the path in [tls], [relay]",
			      "%s", strerror(errno));
		return false;
	}
	for (; *accounts && geteuid() == 0; accounts++)
		if (rights_of(*accounts, &a) == 0 && !rights_allow(&a, &st, 4))
			report_broken(
				r, path, 0, "look at its owner, group and mode",
				"the account %s may not read it", *accounts);
	/* who may not read it is no judge of it */
	return access(path, R_OK) == 0;
}

static void check_authorities(const char *path, const char *const *accounts,
			      struct report *r)
{
	const struct tls_client_config c = { .ca = path };

	if (is_readable(path, accounts, r) && try(&c) < 0)
		report_broken(r, path, 0,
			      "PEM is wanted: -----BEGIN CERTIFICATE-----",
			      "there is no certificate of an authority in it");
}

static void check_own(const char *cert, const char *key,
		      const char *const *accounts, struct report *r)
{
	const struct tls_client_config c = { .cert = cert, .key = key };
	bool readable = is_readable(cert, accounts, r);

	if (key)
		readable &= is_readable(key, accounts, r);
	if (readable && try(&c) < 0)
		report_broken(r, cert, 0,
			      "both in PEM, tls_key in [relay] being its key",
			      "certificate and key cannot be used together");
}

void check_tls_files(const struct settings *s, struct report *r)
{
	static const char *const handlers[] = { "postern", "postern-pop3",
						NULL };
	static const char *const sender[] = { "postern", NULL };

	check_priority(s->tls.priority.p, r);
	if (s->tls.client_ca.n > 0)
		check_authorities(s->tls.client_ca.p, handlers, r);
	if (s->relay.tls_ca.n > 0)
		check_authorities(s->relay.tls_ca.p, sender, r);
	if (s->relay.tls_certificate.n > 0)
		check_own(s->relay.tls_certificate.p,
			  s->relay.tls_key.n > 0 ? s->relay.tls_key.p : NULL,
			  sender, r);
}
