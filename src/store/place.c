/* SPDX-License-Identifier: ISC */
/* See place.h. No name leads out of the mail directory, and no symbolic link
 * below it is followed. */
#include "store/place.h"

#include <fcntl.h>
#include <sys/stat.h>

#define SIDE     ".postern"
#define DIR_MODE 02770

static bool part_valid(struct slice part)
{
	if (part.n == 0 || part.n > PLACE_NAME_MAX || part.p[0] == '.')
		return false;
	for (size_t i = 0; i < part.n; i++)
		if ((unsigned char)part.p[i] < ' ' || part.p[i] == '/' ||
		    part.p[i] == 127)
			return false;
	return !slice_ends(part, SLICE(".lock"));
}

bool place_valid(struct slice mailbox)
{
	size_t slash = slice_find(mailbox, '/');

	if (slash == mailbox.n)
		return part_valid(mailbox);
	return part_valid(slice_upto(mailbox, slash)) &&
	       part_valid(slice_from(mailbox, slash + 1));
}

static int open_dir(int dir, const char *name)
{
	int fd = openat(dir, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int make_dir(int dir, const char *name)
{
	int fd = open_dir(dir, name);

	if (fd != -ENOENT)
		return fd;
	if (mkdirat(dir, name, DIR_MODE) < 0 && errno != EEXIST)
		return -errno;
	fd = open_dir(dir, name);
	/* mkdir(2) gives no setgid bit, and the umask takes others away */
	if (fd >= 0 && fchmod(fd, DIR_MODE) < 0 && errno != EPERM) {
		int r = -errno;

		file_close(&fd);
		return r;
	}
	if (fd >= 0 && file_sync_dir(dir) < 0) {
		file_close(&fd);
		return -EIO;
	}
	return fd;
}

static int open_or_make(int dir, const char *name, bool make)
{
	return make ? make_dir(dir, name) : open_dir(dir, name);
}

static int open_side(struct place *p, bool make)
{
	p->side = open_or_make(p->dir, SIDE, make);
	return p->side < 0 && !(p->side == -ENOENT && !make) ? p->side : 0;
}

static int judge_side(const struct place *p)
{
	struct stat st;

	if (p->side < 0)
		return 0;
	if (fstat(p->side, &st) < 0)
		return -errno;
	return st.st_mode & S_IWOTH ? -EACCES : 0;
}

static int open_domain(const struct store *s, struct slice domain, bool make)
{
	char name[PLACE_NAME_MAX + 1];

	if (domain.n == 0)
		return s->dir;
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(domain));
	return open_or_make(s->dir, name, make);
}

static int open_both(const struct store *s, struct slice mailbox, bool make,
		     struct place *ret)
{
	struct place p = PLACE_NONE;
	size_t slash = slice_find(mailbox, '/');
	struct slice domain = SLICE_NONE;
	int r;

	if (!place_valid(mailbox))
		return -EINVAL;
	if (slash < mailbox.n) {
		domain = slice_upto(mailbox, slash);
		mailbox = slice_from(mailbox, slash + 1);
	}
	p.boot = s->boot;
	p.host = s->host;
	p.parent = domain.n > 0 ? s->dir : -1;
	(void)snprintf(p.name, sizeof(p.name), "%.*s", SLICE_ARG(mailbox));
	p.dir = open_domain(s, domain, make);
	if (p.dir < 0)
		return p.dir;
	r = open_side(&p, make);
	if (r < 0)
		place_done(&p);
	else
		*ret = p;
	return r;
}

int place_find(const struct store *s, struct slice mailbox, struct place *ret)
{
	return open_both(s, mailbox, false, ret);
}

int place_open(const struct store *s, struct slice mailbox, bool make,
	       struct place *ret)
{
	struct place p = PLACE_NONE;
	int r = open_both(s, mailbox, make, &p);

	if (r < 0)
		return r;
	r = judge_side(&p);
	if (r < 0)
		place_done(&p);
	else
		*ret = p;
	return r;
}

void place_done(struct place *p)
{
	if (p->parent >= 0)
		file_close(&p->dir);
	p->dir = -1;
	file_close(&p->side);
}

int place_sync(const struct place *p)
{
	int r = p->side < 0 ? 0 : file_sync_dir(p->side);

	if (r == 0)
		r = file_sync_dir(p->dir);
	return r == 0 && p->parent >= 0 ? file_sync_dir(p->parent) : r;
}

struct place_file place_beside(const struct place *p, const char *suffix)
{
	struct place_file f;

	(void)snprintf(f.name, sizeof(f.name), "%s%s", p->name, suffix);
	return f;
}

int place_open_beside(const struct place *p, const char *suffix, bool make)
{
	struct place_file f = place_beside(p, suffix);
	int fd;

	if (p->side < 0)
		return -ENOENT;
	fd = file_open(p->side, f.name, p->read_only ? O_RDONLY : O_RDWR);
	if (fd != -ENOENT || !make || p->read_only)
		return fd;
	fd = file_create(p->side, f.name, 0660);
	return fd == -EEXIST ? file_open(p->side, f.name, O_RDWR) : fd;
}
