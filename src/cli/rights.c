/* SPDX-License-Identifier: ISC */
/* See rights.h. */
#include "cli/rights.h"

#include <grp.h>
#include <pwd.h>

int rights_of(const char *name, struct rights *ret)
{
	const struct passwd *pw = getpwnam(name);
	struct rights a = { .name = name, .n_groups = RIGHTS_GROUPS_MAX };

	if (!pw)
		return -ENOENT;
	a.uid = pw->pw_uid;
	if (getgrouplist(name, pw->pw_gid, a.groups, &a.n_groups) < 0)
		a.n_groups = RIGHTS_GROUPS_MAX;
	*ret = a;
	return 0;
}

static bool is_member(const struct rights *a, gid_t gid)
{
	for (int i = 0; i < a->n_groups; i++)
		if (a->groups[i] == gid)
			return true;
	return false;
}

bool rights_allow(const struct rights *a, const struct stat *st, unsigned want)
{
	unsigned shift = st->st_uid == a->uid       ? 6
			 : is_member(a, st->st_gid) ? 3
						    : 0;

	return a->uid == 0 || ((st->st_mode >> shift) & want) == want;
}

bool rights_reach(const struct rights *a, const char *path, unsigned want)
{
	char folder[PATH_MAX];
	struct stat st;

	for (size_t i = 0; path[i] != '\0' && i + 1 < sizeof(folder); i++) {
		folder[i] = path[i];
		folder[i + 1] = '\0';
		if (path[i] == '/' && stat(folder, &st) == 0 &&
		    !rights_allow(a, &st, 1))
			return false;
	}
	return stat(path, &st) < 0 || rights_allow(a, &st, want);
}
