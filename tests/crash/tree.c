/* SPDX-License-Identifier: ISC */
/* See tree.h. Speaks with the disk behind the recorder's back. */
#include "tree.h"

#include <assert.h>
#include <dirent.h>
#include <ftw.h>

#include "recorder.h"
#include "wraps.h"

static void *grown(void *p, size_t n, size_t size)
{
	if (n > 0 && (n & (n - 1)) != 0)
		return p;
	p = reallocarray(p, n > 0 ? n * 2 : 1, size);
	assert(p);
	return p;
}

struct node *tree_node(const struct tree *t, uint32_t inode)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].inode == inode)
			return &t->nodes[i];
	return NULL;
}

struct node *tree_add(struct tree *t, uint32_t inode, mode_t mode)
{
	t->nodes = grown(t->nodes, t->n, sizeof(*t->nodes));
	t->nodes[t->n] = (struct node){ .inode = inode, .mode = mode };
	if (inode > t->last_inode)
		t->last_inode = inode;
	return &t->nodes[t->n++];
}

static struct entry *find_entry(const struct tree *t, uint32_t dir,
				const char *name)
{
	for (size_t i = 0; i < t->entries_n; i++)
		if (t->entries[i].dir == dir &&
		    strcmp(t->entries[i].name, name) == 0)
			return &t->entries[i];
	return NULL;
}

uint32_t tree_find(const struct tree *t, uint32_t dir, const char *name)
{
	const struct entry *e = find_entry(t, dir, name);

	return e ? e->inode : 0;
}

void tree_name(struct tree *t, uint32_t dir, const char *name, uint32_t inode)
{
	struct entry *e = find_entry(t, dir, name);

	if (!e) {
		t->entries =
			grown(t->entries, t->entries_n, sizeof(*t->entries));
		e = &t->entries[t->entries_n++];
		e->dir = dir;
		(void)snprintf(e->name, sizeof(e->name), "%s", name);
	}
	e->inode = inode;
}

void tree_done(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		free((char *)(uintptr_t)t->nodes[i].content.p);
	free(t->nodes);
	free(t->entries);
	*t = (struct tree){ 0 };
}

/* ---- from the disk ---- */

static int open_name(int dir, const char *name, int flags)
{
	int fd = __real_openat64(dir, name, flags | O_CLOEXEC, 0600);

	if (fd < 0) {
		perror(name);
		abort();
	}
	return fd;
}

static void read_content(int fd, size_t n, struct slice *ret)
{
	char *p = malloc(n + 1);

	assert(p);
	if (__real_pread64(fd, p, n, 0) != (ssize_t)n)
		abort();
	*ret = (struct slice){ p, n };
}

static void capture(int dir, uint32_t inode, struct tree *t);

static void capture_name(int dir, uint32_t inode, const char *name,
			 struct tree *t)
{
	int fd = open_name(dir, name, O_RDONLY | O_NOFOLLOW);
	uint32_t own = recorder_inode(fd);
	struct stat st;
	struct node *n;

	if (own == 0 || __real_fstat64(fd, &st) < 0)
		abort();
	n = tree_add(t, own, st.st_mode);
	n->times = (struct times){ st.st_mtim, st.st_ctim };
	tree_name(t, inode, name, own);
	if (S_ISDIR(st.st_mode))
		capture(fd, own, t);
	else
		read_content(fd, (size_t)st.st_size, &n->content);
	(void)__real_close(fd); /* was read */
}

static void capture(int dir, uint32_t inode, struct tree *t)
{
	DIR *d = fdopendir(open_name(dir, ".", O_RDONLY | O_DIRECTORY));
	const struct dirent *e;

	assert(d);
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			capture_name(dir, inode, e->d_name, t);
	(void)closedir(d); /* was read */
}

void tree_capture(const char *path, struct tree *ret)
{
	int dir = open_name(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);

	*ret = (struct tree){ 0 };
	(void)tree_add(ret, ROOT_INODE, S_IFDIR | 02770);
	capture(dir, ROOT_INODE, ret);
	(void)__real_close(dir); /* was read */
}

/* ---- onto the disk ---- */

static void know(int fd, const struct node *n)
{
	struct stat st;

	if (__real_fchmod(fd, n->mode & 07777) < 0 ||
	    __real_fstat64(fd, &st) < 0)
		abort();
	recorder_know(&st, n->inode, S_ISDIR(n->mode) ? NULL : &n->times);
}

/* What was put: files are kept open, so that another name can be made. */
struct putting {
	const struct tree *tree;
	int *files; /* one per node; 0: not yet */
};

static void put_dir(struct putting *p, int dir, uint32_t inode);

static void put_link(int file, int dir, const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (__real_linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW) < 0)
		abort();
}

static void put_entry(struct putting *p, int dir, const struct entry *e)
{
	const struct node *n = tree_node(p->tree, e->inode);
	int *file = &p->files[n - p->tree->nodes];
	int fd;

	if (*file > 0) {
		put_link(*file, dir, e->name);
		return;
	}
	if (S_ISDIR(n->mode) && __real_mkdirat(dir, e->name, 0700) < 0)
		abort();
	fd = open_name(dir, e->name,
		       S_ISDIR(n->mode) ? O_RDONLY : O_RDWR | O_CREAT | O_EXCL);
	if (n->content.n > 0 && __real_pwrite64(fd, n->content.p, n->content.n,
						0) != (ssize_t)n->content.n)
		abort();
	know(fd, n);
	if (!S_ISDIR(n->mode)) {
		*file = fd;
		return;
	}
	put_dir(p, fd, n->inode);
	(void)__real_close(fd); /* nobody's data */
}

static void put_dir(struct putting *p, int dir, uint32_t inode)
{
	const struct tree *t = p->tree;

	for (size_t i = 0; i < t->entries_n; i++)
		if (t->entries[i].dir == inode && t->entries[i].inode != 0)
			put_entry(p, dir, &t->entries[i]);
}

void tree_put(const struct tree *t, const char *path)
{
	struct putting p = { t, calloc(t->n, sizeof(*p.files)) };
	int dir;

	if (!p.files || __real_mkdirat(AT_FDCWD, path, 0700) < 0)
		abort();
	dir = open_name(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	recorder_forget_inodes();
	recorder_count_from(t->last_inode);
	know(dir, tree_node(t, ROOT_INODE));
	put_dir(&p, dir, ROOT_INODE);
	(void)__real_close(dir); /* nobody's data */
	for (size_t i = 0; i < t->n; i++)
		if (p.files[i] > 0)
			(void)__real_close(p.files[i]); /* likewise */
	free(p.files);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *f)
{
	return remove(path);
}

void tree_clear(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 &&
	    errno != ENOENT)
		abort();
}
