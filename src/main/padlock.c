/* SPDX-License-Identifier: ISC */
/* See padlock.h. */
#include "main/padlock.h"

#define PREFIX "tls_"

/* Where the files NAME.ecdsa.pem and NAME.rsa.pem are. */
struct place {
	const char *directory;
	const char *prefix;
};

/* 1; 0: there is none; or -errno: it cannot be told, or not be read. */
static int has_default(struct place p)
{
	static const char *const types[] = { "ecdsa", "rsa" };
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		int n = snprintf(path, sizeof(path), "%s/%sdefault.%s.pem",
				 p.directory, p.prefix, types[i]);

		if (n < 0 || (size_t)n >= sizeof(path))
			return -ENAMETOOLONG;
		if (access(path, R_OK) == 0)
			return 1;
		if (errno != ENOENT)
			r = -errno;
	}
	return r;
}

/* As has_default. */
static int find(const struct settings *s, struct place *ret)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	int r = 0;

	*ret = (struct place){ credentials, PREFIX };
	if (credentials)
		r = has_default(*ret);
	if (r != 0)
		return r;
	*ret = (struct place){ s->tls.directory.p, "" };
	return has_default(*ret);
}

int padlock_is_there(const struct settings *s)
{
	struct place p;

	return find(s, &p);
}

bool padlock_directory(const struct settings *s, const char **ret)
{
	struct place p;
	int r = find(s, &p);

	*ret = p.directory;
	return r > 0;
}

int padlock_open(const struct settings *s, const char *service, bool ahead,
		 struct tls **ret)
{
	struct place p;
	int r = find(s, &p);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
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
