/* SPDX-License-Identifier: ISC */
/* `postern tls self-signed`: a key and a certificate of our own, where
 * publish looks for them. Strangers' mail hosts take it; people's mail
 * programs ask once. */
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/desk.h"
#include "cli/tls.h"

#define DIRECTORY SYSCONFDIR "/postern/tls"
#define DAYS      365
#define PEM_MAX   16384

/* What is ours to replace begins so. */
#define MARK "# made by postern tls self-signed\n"

struct wish {
	char *const *names; /* the first one is the file's too */
	size_t n;
	bool force;
};

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

/* 0 or -errno. */
static int read_half(const char *path, struct buf *ret)
{
	int fd CLEANUP(file_close) = file_open(AT_FDCWD, path, O_RDONLY);
	ssize_t n;
	int r = fd < 0 ? fd : buf_reserve(ret, PEM_MAX);

	if (r < 0)
		return r;
	n = file_read_at(fd, ret->p, PEM_MAX, 0);
	ret->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? (int)n : 0;
}

/* A pair of two halves that we made, and nobody has put another in its place
 * since. */
static bool is_ours(const char *pem, const char *key)
{
	struct buf b = BUF(2 * PEM_MAX), k = BUF(2 * PEM_MAX);
	char why[TLS_TROUBLE_MAX];
	struct tls_pair p;
	bool ours = read_half(pem, &b) == 0 && read_half(key, &k) == 0 &&
		    slice_starts(buf_slice(&b), SLICE(MARK)) &&
		    tls_pair_read(buf_slice(&b), buf_slice(&k), &p, why) == 0;

	if (ours) {
		ours = p.self_signed;
		tls_pair_done(&p);
	}
	if (k.n > 0)
		explicit_bzero(k.p, k.n);
	buf_done(&k);
	buf_done(&b);
	return ours;
}

/* Somebody's own pair, bought perhaps, is not to be lost. */
static int judge_place(struct cli *c, const char *directory, const char *host)
{
	char pem[PATH_MAX + TLS_NAME_MAX], key[PATH_MAX + TLS_NAME_MAX];
	struct stat st;
	bool has_pem, has_key;

	(void)snprintf(pem, sizeof(pem), "%s/%s.pem", directory, host);
	(void)snprintf(key, sizeof(key), "%s/%s.key", directory, host);
	has_pem = lstat(pem, &st) == 0;
	has_key = lstat(key, &st) == 0;
	if ((!has_pem && !has_key) || is_ours(pem, key))
		return CLI_OK;
	return desk_fail(c, "tls",
			 "%s is there already, and was not made by "
			 "self-signed; --force replaces certificate and key",
			 has_pem ? pem : key);
}

static int make_pair(const char *directory, const struct wish *w)
{
	struct buf made = BUF(PEM_MAX), chain = BUF(PEM_MAX + sizeof(MARK));
	struct buf key = BUF(PEM_MAX);
	int r = tls_self_signed(w->names, w->n, DAYS, &made, &key);

	if (r == 0)
		r = buf_put(&chain, SLICE(MARK));
	if (r == 0)
		r = buf_put(&chain, buf_slice(&made));
	if (r == 0)
		r = put_both(directory, w->names[0], &chain, &key);
	if (key.n > 0)
		explicit_bzero(key.p, key.n);
	buf_done(&key);
	buf_done(&chain);
	buf_done(&made);
	return r;
}

static int make(struct cli *c, const struct settings *s, const struct wish *w)
{
	char path[PATH_MAX];
	const char *directory = directory_of(s, path);
	int r = w->force ? CLI_OK : judge_place(c, directory, w->names[0]);

	if (r != CLI_OK)
		return r;
	r = make_pair(directory, w);
	if (r < 0)
		return desk_fail(c, "tls", "%s/%s.pem: %s", directory,
				 w->names[0], strerror(-r));
	(void)fprintf(c->out, "made %s/%s.pem and .key, good for %d days\n",
		      directory, w->names[0], DAYS);
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

/* False: the usage. */
static bool read_options(int argc, char **argv, bool *ret_force)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ 0 },
	};
	int letter;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (letter != 'f')
			return false;
		*ret_force = true;
	}
	return true;
}

/* The word before the names, the verb's own or an option, gives way to the
 * host's. */
int tls_self_signed_verb(struct cli *c, int argc, char **argv)
{
	struct wish w = { .force = false };
	char host[TLS_NAME_MAX];
	struct desk d;
	int r;

	if (!read_options(argc, argv, &w.force))
		return desk_usage(c, tls_usage);
	r = desk_open(c, &d);
	if (r == CLI_OK && tls_name_judge(d.settings.host.name, host) < 0)
		r = desk_fail(c, "tls", "our host name makes no file's");
	if (r == CLI_OK) {
		argv[optind - 1] = host;
		w.names = argv + optind - 1;
		w.n = (size_t)(argc - optind + 1);
		r = judge_names(c, w.names, w.n);
	}
	if (r == CLI_OK)
		r = make(c, &d.settings, &w);
	desk_done(&d);
	return r;
}
