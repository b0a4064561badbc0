/* SPDX-License-Identifier: ISC */
/* Whose mailbox an address means: the users file, then the system's accounts
 * through getpwnam_r(3). Must never take trouble with either for "nobody". */
#include "route/engine.h"

#include <fcntl.h>
#include <pwd.h>

#include "base/file.h"

#define NOBODY       65534
#define ACCOUNT_ROOM 16384

static struct slice lower(struct slice s, struct arena *arena)
{
	struct slice copy = arena_copy(arena, s);
	char *p = (char *)copy.p;

	for (size_t i = 0; p && i < copy.n; i++)
		p[i] = ascii_lower(p[i]);
	return copy;
}

/* Whoever is fenced in may not reach a file that was put in the place of the
 * one he knew: then the name service says "nobody", and means "who knows". */
static bool accounts_there(void)
{
	static const char path[] = "/etc/passwd";
	int fd CLEANUP(file_close) = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 || errno == ENOENT;
}

/* What the user's options say; where they cannot be read, the default. */
static void limit(const struct route *r, struct slice name,
		  struct slice options, struct route_target *ret)
{
	ret->quota = settings_quota(r->settings, name);
	ret->bad_option = SLICE_NONE;
	/* bad_option tells */
	ignore(quota_read_options(options, &ret->quota, &ret->bad_option));
}

static enum route_outcome of_user(const struct route *r, struct slice name,
				  struct arena *arena, struct route_target *ret)
{
	struct user user;
	int e = user_find_held(&r->users, name, arena, &user);

	if (e == 0)
		return ROUTE_NO_USER;
	if (e < 0)
		return e == -EBADMSG ? ROUTE_BROKEN : ROUTE_AGAIN;
	ret->mailbox = user.mailbox;
	ret->owner = (uid_t)-1;
	limit(r, user.name, user.options, ret);
	return ROUTE_FOUND;
}

/* root and daemons need an alias: below the least uid nobody reads mail. */
static enum route_outcome of_system(const struct route *r, struct slice name,
				    struct arena *arena,
				    struct route_target *ret)
{
	char room[ACCOUNT_ROOM];
	struct passwd entry, *found = NULL;
	int e;

	if (!r->settings->users.system)
		return ROUTE_NO_USER;
	name = lower(name, arena);
	if (!name.p)
		return ROUTE_AGAIN;
	if (!user_mailbox_valid(name) || slice_find(name, '/') < name.n)
		return ROUTE_NO_USER;
	e = getpwnam_r(name.p, &entry, room, sizeof(room), &found);
	if (!found)
		return (e == 0 || e == ENOENT || e == ESRCH) && accounts_there()
			       ? ROUTE_NO_USER
			       : ROUTE_AGAIN;
	if (entry.pw_uid < r->settings->users.system_uid_min ||
	    entry.pw_uid == NOBODY)
		return ROUTE_NO_USER;
	ret->mailbox = name;
	ret->owner = entry.pw_uid;
	limit(r, name, SLICE_NONE, ret);
	return ROUTE_FOUND;
}

/* local@domain as the users file may spell it. */
static enum route_outcome of_whole(const struct route *r, const struct addr *a,
				   struct arena *arena,
				   struct route_target *ret)
{
	enum route_outcome o = ROUTE_NO_USER;

	for (int u_labels = 0; u_labels < 2 && o == ROUTE_NO_USER; u_labels++) {
		struct slice name = addr_text(a, u_labels == 0, arena);

		if (!name.p)
			return ROUTE_AGAIN;
		o = of_user(r, name, arena, ret);
		if (slice_eq(a->domain, a->ascii))
			break;
	}
	return o;
}

enum route_outcome account_exact(const struct route *r, const struct addr *a,
				 struct arena *arena, struct route_target *ret)
{
	enum route_outcome o = ROUTE_NO_USER;

	if (a->kind != ADDR_NO_DOMAIN)
		o = of_whole(r, a, arena, ret);
	if (o != ROUTE_NO_USER || !domain_is_local(r, a))
		return o;
	o = of_user(r, a->local, arena, ret);
	return o == ROUTE_NO_USER ? of_system(r, a->local, arena, ret) : o;
}

bool account_base(const struct route *r, const struct addr *a, struct addr *ret)
{
	struct slice delimiter = r->settings->users.delimiter;
	size_t at;

	if (delimiter.n != 1)
		return false;
	at = slice_find(a->local, delimiter.p[0]);
	if (at == 0 || at == a->local.n)
		return false;
	*ret = *a;
	ret->local = slice_upto(a->local, at);
	return true;
}

enum route_outcome account_find(const struct route *r, const struct addr *a,
				struct arena *arena, struct route_target *ret)
{
	enum route_outcome o = account_exact(r, a, arena, ret);
	struct addr base;

	if (o == ROUTE_NO_USER && account_base(r, a, &base))
		o = account_exact(r, &base, arena, ret);
	return o;
}

void account_postmaster(struct route_target *ret)
{
	ret->mailbox = SLICE("postmaster");
	ret->owner = (uid_t)-1;
	ret->quota = (struct quota){ 0 };
}
