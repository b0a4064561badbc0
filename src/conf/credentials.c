/* SPDX-License-Identifier: ISC */
/* See credentials.h. */
#include "conf/credentials.h"

#include <sys/stat.h>

#include "conf/map.h"

int credentials_judge(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	return st.st_mode & (S_IRWXO | S_IWGRP) ? -EACCES : 0;
}

bool credential_parse(struct slice value, struct credential *ret)
{
	size_t colon = slice_find(value, ':');

	if (colon == 0 || colon + 1 >= value.n ||
	    memchr(value.p, '\0', value.n))
		return false;
	ret->user = slice_upto(value, colon);
	ret->password = slice_from(value, colon + 1);
	return true;
}

static void wipe(struct slice s)
{
	if (s.n > 0)
		explicit_bzero((char *)s.p, s.n); /* the arena's, so ours */
}

void credential_wipe(struct credential *c)
{
	wipe(c->user);
	wipe(c->password);
	*c = (struct credential){ .user = SLICE_NONE };
}

static int look_up(struct map *m, struct slice name, struct arena *arena,
		   struct credential *ret)
{
	struct slice value;
	struct credential c;
	int r = map_find(m, name, arena, &value, NULL);

	if (r <= 0)
		return r;
	if (!credential_parse(value, &c)) {
		wipe(value);
		return -EBADMSG;
	}
	/* the colon becomes the user's end */
	((char *)value.p)[c.user.n] = '\0'; /* the arena's, so ours */
	*ret = c;
	return 1;
}

int credential_find(const char *path, struct slice name, struct arena *arena,
		    struct credential *ret)
{
	struct map *m = NULL;
	int r = credentials_judge(path);

	if (r == 0)
		r = map_open(path, ':', false, &m);
	if (r == 0)
		r = look_up(m, name, arena, ret);
	map_close(m);
	return r;
}
