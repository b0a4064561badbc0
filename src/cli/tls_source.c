/* SPDX-License-Identifier: ISC */
/* See tls_source.h. Somebody may be writing there while we read: what changed
 * a moment ago is read again, and halves that do not fit are none. */
#include "cli/tls_source.h"

#include <fcntl.h>
#include <glob.h>

#include "base/clock.h"
#include "base/file.h"

#define FILE_MAX_BYTES (256U << 10)
#define MOMENT_US      1000000
#define ATTEMPTS       5

/* "/a/fullchain.pem" has "/a/privkey.pem" and "/a/ocsp.der" beside it,
 * "/a/NAME.pem" NAME.key and NAME.ocsp. */
static char *beside(const char *path, const char *in_folder, const char *suffix)
{
	static const char chain[] = "fullchain.pem";
	const char *name = strrchr(path, '/') + 1;
	const char *dot = strrchr(name, '.');
	char *ret = NULL;
	int n;

	if (strcmp(name, chain) == 0)
		n = asprintf(&ret, "%.*s%s", (int)(name - path), path,
			     in_folder);
	else
		n = asprintf(&ret, "%.*s%s",
			     (int)(dot ? dot - path : (long)strlen(path)), path,
			     suffix);
	return n < 0 ? NULL : ret;
}

/* Follows links on purpose: certbot's names are links into its archive. */
static int read_file(const char *path, struct buf *b, struct stat *ret)
{
	int fd CLEANUP(file_close) =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	buf_reset(b);
	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	if (!S_ISREG(ret->st_mode))
		return -EINVAL;
	if (ret->st_size > FILE_MAX_BYTES)
		return -EFBIG;
	if (buf_reserve(b, (size_t)ret->st_size + 1) < 0)
		return -ENOMEM;
	n = file_read_at(fd, b->p, (size_t)ret->st_size, 0);
	b->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? (int)n : 0;
}

static int fail(struct tls_source *s, int error, const char *path)
{
	(void)snprintf(s->trouble, sizeof(s->trouble), "%.180s: %s", path,
		       strerror(-error));
	return error;
}

static void note_change(struct tls_source *s, const struct stat *st)
{
	const struct timespec *t = &st->st_mtim;

	if (t->tv_sec > s->changed.tv_sec ||
	    (t->tv_sec == s->changed.tv_sec && t->tv_nsec > s->changed.tv_nsec))
		s->changed = *t;
}

static int read_key(struct tls_source *s)
{
	static const char mark[] = "PRIVATE KEY-----";
	struct stat st;
	int r = read_file(s->key_path, &s->key, &st);

	/* key and chain may stand in one file */
	if (r == -ENOENT &&
	    memmem(s->chain.p, s->chain.n, mark, sizeof(mark) - 1)) {
		free(s->key_path);
		s->key_path = strdup(s->path);
		if (!s->key_path)
			return -ENOMEM;
		r = read_file(s->key_path, &s->key, &st);
	}
	if (r < 0)
		return fail(s, r, s->key_path);
	s->key_mode = st.st_mode;
	note_change(s, &st);
	return 0;
}

static int read_pair(struct tls_source *s)
{
	struct stat st;
	int r = read_file(s->path, &s->chain, &st);

	if (r < 0)
		return fail(s, r, s->path);
	note_change(s, &st);
	r = read_key(s);
	if (r < 0)
		return r;
	if (s->key.n == 0) {
		(void)snprintf(s->trouble, sizeof(s->trouble),
			       "%.200s is empty", s->key_path);
		return -EBADMSG;
	}
	if (read_file(s->staple_path, &s->staple, &st) < 0)
		buf_reset(&s->staple);
	tls_pair_done(&s->pair);
	return tls_pair_read(buf_slice(&s->chain), buf_slice(&s->key), &s->pair,
			     s->trouble);
}

static bool is_settled(const struct tls_source *s)
{
	int64_t us = (int64_t)s->changed.tv_sec * 1000000 +
		     s->changed.tv_nsec / 1000;
	int64_t age = clock_real_us() - us;

	return age < 0 || age > MOMENT_US;
}

static void read_source(struct tls_source *s, bool patient)
{
	for (int i = 0; i < (patient ? ATTEMPTS : 1); i++) {
		if (i > 0)
			clock_pause_us(MOMENT_US);
		s->error = read_pair(s);
		if (is_settled(s))
			return;
	}
}

static int add(struct tls_sources *all, const char *path)
{
	struct tls_source *v;

	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].path, path) == 0)
			return 0;
	v = reallocarray(all->v, all->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	all->v = v;
	v += all->n++;
	*v = (struct tls_source){
		.path = strdup(path),
		.key_path = beside(path, "privkey.pem", ".key"),
		.staple_path = beside(path, "ocsp.der", ".ocsp"),
		.chain = BUF(FILE_MAX_BYTES + 1),
		.key = BUF(FILE_MAX_BYTES + 1),
		.staple = BUF(FILE_MAX_BYTES + 1),
	};
	return v->path && v->key_path && v->staple_path ? 0 : -ENOMEM;
}

/* A plain path that is not there is a source too: with its trouble. */
static int add_matches(struct tls_sources *all, const char *pattern)
{
	glob_t g;
	int r = 0;

	if (!strpbrk(pattern, "*?["))
		return add(all, pattern);
	switch (glob(pattern, 0, NULL, &g)) {
	case 0:
		break;
	case GLOB_NOMATCH:
		return 0;
	default:
		return -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < g.gl_pathc; i++)
		r = add(all, g.gl_pathv[i]);
	globfree(&g);
	return r;
}

int tls_sources_read(const struct settings *s, bool patient,
		     struct tls_sources *ret)
{
	struct tls_sources all = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->tls.certificates.n; i++)
		r = add_matches(&all, s->tls.certificates.v[i].p);
	if (r < 0) {
		tls_sources_done(&all);
		return r;
	}
	for (size_t i = 0; i < all.n; i++)
		read_source(&all.v[i], patient);
	*ret = all;
	return 0;
}

void tls_sources_done(struct tls_sources *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct tls_source *v = &s->v[i];

		free(v->path);
		free(v->key_path);
		free(v->staple_path);
		if (v->key.n > 0)
			explicit_bzero(v->key.p, v->key.n);
		buf_done(&v->chain);
		buf_done(&v->key);
		buf_done(&v->staple);
		tls_pair_done(&v->pair);
	}
	free(s->v);
	*s = (struct tls_sources){ 0 };
}
