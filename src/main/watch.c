/* SPDX-License-Identifier: ISC */
/* See watch.h. */
#include "main/watch.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/clock.h"

/* Longer than a tick of the clock that stamps files, whatever CONFIG_HZ. */
#define YOUNG_US 20000

struct watched {
	char *path;
	struct stat was;        /* all zero: missing */
	int64_t young_until_us; /* 0: it was old enough */
	bool place;             /* only which one it is */
};

static struct stat look(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof(st));
	return st;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_one(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return same_one(a, b) && a->st_size == b->st_size &&
	       a->st_mode == b->st_mode &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

static int64_t changed_us(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000000 +
	       st->st_ctim.tv_nsec / 1000;
}

/* What is watched already, and as closely, was looked at before. */
static bool is_watched(const struct watch *w, const struct watched *one)
{
	for (size_t i = 0; one->path && i < w->n; i++)
		if (strcmp(w->v[i].path, one->path) == 0 &&
		    (one->place || !w->v[i].place))
			return true;
	return false;
}

static void add(struct watch *w, struct watched one)
{
	struct watched *v;

	if (is_watched(w, &one)) {
		free(one.path);
		return;
	}
	v = reallocarray(w->v, w->n + 1, sizeof(*v));
	if (v)
		w->v = v;
	if (!v || !one.path) {
		free(one.path);
		w->blind = true;
		return;
	}
	w->v[w->n++] = one;
}

void watch_add(struct watch *w, const char *path)
{
	struct watched one = { .path = strdup(path), .was = look(path) };
	int64_t until = changed_us(&one.was) + YOUNG_US;

	if (clock_real_us() < until)
		one.young_until_us = until;
	add(w, one);
}

void watch_add_place(struct watch *w, const char *path)
{
	add(w, (struct watched){ .path = strdup(path),
				 .was = look(path),
				 .place = true });
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

void watch_add_folder(struct watch *w, const char *path, const char *suffix)
{
	DIR *d;
	char file[PATH_MAX];

	watch_add(w, path);
	d = opendir(path);
	if (!d)
		return; /* missing, or not ours to read: then nobody reads it */
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		int n = snprintf(file, sizeof(file), "%s/%s", path, e->d_name);

		if (n > 0 && (size_t)n < sizeof(file) &&
		    ends_in(e->d_name, suffix))
			watch_add(w, file);
	}
	(void)closedir(d); /* was only read */
}

static bool has_changed(const struct watched *one)
{
	struct stat now = look(one->path);

	if (one->place)
		return !same_one(&one->was, &now);
	return !same(&one->was, &now) ||
	       (one->young_until_us > 0 &&
		clock_real_us() >= one->young_until_us);
}

bool watch_changed(const struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (has_changed(&w->v[i]))
			return true;
	return w->blind;
}

void watch_done(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].path);
	free(w->v);
	*w = (struct watch){ .n = 0 };
}
