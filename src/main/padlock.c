/* SPDX-License-Identifier: ISC */
/* See padlock.h. */
#include "main/padlock.h"

#define PREFIX "tls_"

/* Where the files NAME.ecdsa.pem and NAME.rsa.pem are. */
struct place {
	const char *directory;
	const char *prefix;
};

static bool has_default(struct place p)
{
	static const char *const types[] = { "ecdsa", "rsa" };
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		int n = snprintf(path, sizeof(path), "%s/%sdefault.%s.pem",
				 p.directory, p.prefix, types[i]);

		if (n > 0 && (size_t)n < sizeof(path) &&
		    access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* False: there is no certificate. */
static bool find(const struct settings *s, struct place *ret)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	*ret = (struct place){ credentials, PREFIX };
	if (credentials && has_default(*ret))
		return true;
	*ret = (struct place){ s->tls.directory.p, "" };
	return has_default(*ret);
}

bool padlock_is_there(const struct settings *s)
{
	struct place p;

	return find(s, &p);
}

bool padlock_directory(const struct settings *s, const char **ret)
{
	struct place p;
	bool there = find(s, &p);

	*ret = p.directory;
	return there;
}

int padlock_open(const struct settings *s, const char *service, bool ahead,
		 struct tls **ret)
{
	struct place p;

	if (!find(s, &p))
		return -ENOENT;
	return tls_server_new(
		&(struct tls_server_config){
			.directory = p.directory,
			.prefix = p.prefix,
			.priority = s->tls.priority.p,
			.client_ca = s->tls.client_ca.n > 0 ? s->tls.client_ca.p
							    : NULL,
			/* SMTP has no registered name (RFC 7301) */
			.alpn = strcmp(service, "pop3") == 0 ? service : NULL,
			.ahead = ahead,
		},
		ret);
}
