/* SPDX-License-Identifier: ISC */
/* See account.h. */
#include "auth/account.h"

#include "conf/map.h"

static bool is_locked(struct slice hash)
{
	return hash.n > 0 && (hash.p[0] == '!' || hash.p[0] == '*');
}

static void take_line(struct auth_account *a, struct slice rest)
{
	struct slice scram = SLICE("");

	if (slice_field(&rest, ':', &a->hash))
		(void)slice_field(&rest, ':', &scram); /* may be left out */
	a->hash = slice_trim(a->hash);
	a->has_keys = scram_parse(slice_trim(scram), &a->keys) == 0;
}

static int look_up(const char *passwords, struct arena *arena,
		   struct auth_account *a)
{
	struct map *m = NULL;
	struct slice rest;
	int r = map_open(passwords, ':', false, &m);

	if (r == -ENOENT) {
		a->unjudged = a->hash.n == 0;
		return 0;
	}
	if (r < 0)
		return r;
	r = map_find(m, a->user.name, arena, &rest, NULL);
	map_close(m);
	if (r > 0)
		take_line(a, rest);
	return r;
}

int auth_account_find(const char *users, const char *passwords,
		      struct slice name, struct arena *arena,
		      struct auth_account *ret)
{
	struct auth_account a = { .has_keys = false };
	int r = user_find(users, name, arena, &a.user);

	if (r == -EBADMSG)
		return 0;
	if (r <= 0)
		return r;
	a.hash = a.user.hash;
	a.user.hash = SLICE("");
	a.locked = is_locked(a.hash);
	r = look_up(passwords, arena, &a);
	if (r < 0)
		return r;
	a.locked |= is_locked(a.hash);
	/* in either file: who writes a '!' by hand need not know both */
	if (a.locked)
		auth_account_wipe(&a);
	*ret = a;
	return 1;
}

struct slice auth_account_name(struct slice name, const struct words *ours,
			       struct arena *arena)
{
	size_t at = slice_find(name, '@');
	struct slice s;
	char *p;

	if (at < name.n && words_have(ours, slice_from(name, at + 1)))
		name = slice_upto(name, at);
	s = arena_copy(arena, name);
	p = (char *)s.p; /* the arena's copy is ours */
	for (size_t i = 0; p && i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return s;
}

void auth_account_wipe(struct auth_account *a)
{
	/* the arena's copies are ours */
	if (a->hash.n > 0)
		explicit_bzero((char *)a->hash.p, a->hash.n);
	a->hash = SLICE("");
	explicit_bzero(&a->keys, sizeof(a->keys));
	a->has_keys = false;
}
