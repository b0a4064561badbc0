/* SPDX-License-Identifier: ISC */
/* Reading of passwords.h; writing is in users_edit.c. */
#include "conf/passwords.h"

#include "conf/map.h"

int password_find(const char *path, struct slice name, struct arena *arena,
		  struct password *ret)
{
	struct map *m = NULL;
	struct slice value, hash = SLICE(""), scram = SLICE("");
	int r;

	if (!path || path[0] == '\0')
		return 0;
	r = map_open(path, ':', true, &m);
	if (r == 0)
		r = map_find(m, name, arena, &value, NULL);
	map_close(m);
	if (r <= 0)
		return r;
	(void)slice_field(&value, ':', &hash);
	(void)slice_field(&value, ':', &scram);
	*ret = (struct password){ slice_trim(hash), slice_trim(scram) };
	return 1;
}
