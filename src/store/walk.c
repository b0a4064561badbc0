/* SPDX-License-Identifier: ISC */
/* See walk.h. Names are gathered first: whoever looks at a mailbox makes files
 * beside it. */
#include "store/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "store/place.h"

struct names {
	char **v;
	size_t n, room;
};

static int make_room(struct names *all)
{
	size_t room = all->room > 0 ? 2 * all->room : 64;
	char **v = all->v;

	if (all->n < all->room)
		return 0;
	v = reallocarray(all->v, room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	all->v = v;
	all->room = room;
	return 0;
}

static int add(struct names *all, const char *folder, const char *name)
{
	char *path;
	int r = make_room(all);

	if (r < 0)
		return r;
	if (asprintf(&path, "%s%s%s", folder, *folder ? "/" : "", name) < 0)
		return -ENOMEM;
	all->v[all->n++] = path;
	return 0;
}

static int gather(struct names *all, int dir, const char *folder);

static int gather_folder(struct names *all, int dir, const char *name)
{
	int fd = openat(dir, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* one that we may not read has no mailboxes for us */
	return fd < 0 ? 0 : gather(all, fd, name);
}

static int gather_one(struct names *all, int dir, const char *folder,
		      const char *name)
{
	struct stat st;

	if (!place_valid(slice_of(name)) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return add(all, folder, name);
	if (S_ISDIR(st.st_mode) && *folder == '\0')
		return gather_folder(all, dir, name);
	return 0;
}

/* Closes `dir`. */
static int gather(struct names *all, int dir, const char *folder)
{
	DIR *d = fdopendir(dir);
	const struct dirent *entry;
	int r = d ? 0 : -errno;

	if (!d) {
		file_close(&dir);
		return r;
	}
	while (r == 0 && (entry = readdir(d)))
		r = gather_one(all, dir, folder, entry->d_name);
	(void)closedir(d); /* was only read */
	return r;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

int store_walk(const struct store *s, store_seen *seen, void *context)
{
	struct names all = { .v = NULL };
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : gather(&all, fd, "");

	if (r == 0 && all.n > 0)
		qsort(all.v, all.n, sizeof(*all.v), by_name);
	for (size_t i = 0; i < all.n; i++) {
		if (r == 0)
			r = seen(context, slice_of(all.v[i]));
		free(all.v[i]);
	}
	free(all.v);
	return r;
}
