/* SPDX-License-Identifier: ISC */
/* `postern tls self-signed`: a key and a certificate of our own, where
 * publish looks for them. Strangers' mail hosts take it; people's mail
 * programs ask once. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/desk.h"
#include "cli/tls.h"

#define DIRECTORY SYSCONFDIR "/postern/tls"
#define DAYS      365
#define PEM_MAX   16384

/* Where the first source pattern outside of certbot's tree keeps NAME.pem, so
 * that what is made is found again. */
static const char *directory_of(const struct settings *s, char ret[PATH_MAX])
{
	static const char end[] = "/*.pem";

	for (size_t i = 0; i < s->tls.certificates.n; i++) {
		struct slice w = s->tls.certificates.v[i];
		struct slice top = slice_upto(w, w.n - (sizeof(end) - 1));

		if (!slice_ends(w, slice_of(end)) ||
		    slice_find(top, '*') < top.n)
			continue;
		(void)snprintf(ret, PATH_MAX, "%.*s", SLICE_ARG(top));
		return ret;
	}
	return DIRECTORY;
}

static int put(int dir, const char *name, mode_t mode, struct slice bytes)
{
	char new[NAME_MAX + 1];
	int fd, r;

	(void)snprintf(new, sizeof(new), ".new.%ld", (long)getpid());
	fd = file_create(dir, new, mode);
	if (fd < 0)
		return fd;
	r = file_write(fd, bytes);
	if (r == 0)
		r = file_publish(fd, dir, new, dir, name);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		ignore(file_unlink(dir, new)); /* not there after rename */
	return r;
}

static int put_both(const char *path, const char *host, const struct buf *chain,
		    const struct buf *key)
{
	int dir CLEANUP(file_close) = -1;
	char name[TLS_NAME_MAX + 8];
	int r;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	dir = file_open_dir(AT_FDCWD, path);
	if (dir < 0)
		return dir;
	(void)snprintf(name, sizeof(name), "%s.key", host);
	r = put(dir, name, 0600, buf_slice(key));
	(void)snprintf(name, sizeof(name), "%s.pem", host);
	return r == 0 ? put(dir, name, 0644, buf_slice(chain)) : r;
}

static int make(struct cli *c, const struct settings *s, char *const *names,
		size_t n)
{
	struct buf chain = BUF(PEM_MAX), key = BUF(PEM_MAX);
	char path[PATH_MAX];
	const char *directory = directory_of(s, path);
	int r = tls_self_signed(names, n, DAYS, &chain, &key);

	if (r == 0)
		r = put_both(directory, names[0], &chain, &key);
	if (key.n > 0)
		explicit_bzero(key.p, key.n);
	buf_done(&key);
	buf_done(&chain);
	if (r < 0)
		return desk_fail(c, "tls", "%s/%s.pem: %s", directory, names[0],
				 strerror(-r));
	(void)fprintf(c->out, "made %s/%s.pem and .key, good for %d days\n",
		      directory, names[0], DAYS);
	return tls_publish_all(c, s);
}

static int judge_names(struct cli *c, char *const *names, size_t n)
{
	char stem[TLS_NAME_MAX];

	for (size_t i = 0; i < n; i++)
		if (tls_stem(names[i], stem) < 0)
			return desk_fail(c, "tls", "'%s' is no host name",
					 names[i]);
	return CLI_OK;
}

/* argv[0], the verb's own name, gives way to the host's. */
int tls_self_signed_verb(struct cli *c, int argc, char **argv)
{
	struct desk d;
	int r = desk_open(c, &d);
	char host[TLS_NAME_MAX];

	if (r == CLI_OK && tls_name_judge(d.settings.host.name, host) < 0)
		r = desk_fail(c, "tls", "our host name makes no file's");
	if (r == CLI_OK) {
		argv[0] = host;
		r = judge_names(c, argv, (size_t)argc);
	}
	if (r == CLI_OK)
		r = make(c, &d.settings, argv, (size_t)argc);
	desk_done(&d);
	return r;
}
