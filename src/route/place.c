/* SPDX-License-Identifier: ISC */
/* See place.h. */
#include "route/place.h"

#include <pwd.h>

#include "conf/users.h"

#define PASSWD_MAX 16384

struct slice place_lower(struct slice s, struct arena *arena)
{
	struct slice copy = arena_copy(arena, s);
	char *p = (char *)copy.p;

	for (size_t i = 0; p && i < copy.n; i++)
		p[i] = ascii_lower(p[i]);
	return copy;
}

struct slice place_base(const struct route *r, struct slice local)
{
	struct slice delimiter = r->settings->users.delimiter;
	size_t at;

	if (delimiter.n == 0)
		return local;
	at = slice_find(local, delimiter.p[0]);
	return at > 0 ? slice_upto(local, at) : local;
}

static enum route_outcome in_users_file(const struct route *r,
					struct slice name, struct arena *arena,
					struct route_target *ret)
{
	struct user user;
	int found = user_find(r->settings->users.file.p, name, arena, &user);

	if (found == 0)
		return ROUTE_NO_USER;
	if (found < 0)
		return ROUTE_AGAIN;
	ret->here = true;
	ret->mailbox = user.mailbox;
	ret->owner = (uid_t)-1;
	return ROUTE_FOUND;
}

static enum route_outcome in_passwd(const struct route *r, struct slice name,
				    struct arena *arena,
				    struct route_target *ret)
{
	char *room = malloc(PASSWD_MAX);
	struct passwd pw, *found = NULL;
	int error = room ? getpwnam_r(name.p, &pw, room, PASSWD_MAX, &found)
			 : ENOMEM;
	enum route_outcome o = ROUTE_NO_USER;

	if (found && found->pw_uid >= r->settings->users.system_uid_min &&
	    strcmp(found->pw_name, "nobody") != 0) {
		ret->here = true;
		ret->owner = found->pw_uid;
		ret->mailbox = arena_copy(arena, slice_of(found->pw_name));
		o = ret->mailbox.p ? ROUTE_FOUND : ROUTE_AGAIN;
	} else if (!found && error != 0 && error != ENOENT && error != ESRCH) {
		o = ROUTE_AGAIN; /* the name service is in trouble */
	}
	free(room);
	return o;
}

/* `name` is lower case, NUL-terminated, without the delimiter's part. */
static enum route_outcome find_name(const struct route *r, struct slice name,
				    struct slice domain, bool is_virtual,
				    struct arena *arena,
				    struct route_target *ret)
{
	enum route_outcome o;
	struct slice full;

	if (slice_find(name, '\0') < name.n || slice_find(name, '/') < name.n)
		return ROUTE_NO_USER;
	full = arena_printf(arena, "%s@%.*s", name.p, SLICE_ARG(domain));
	if (!full.p)
		return ROUTE_AGAIN;
	o = in_users_file(r, full, arena, ret);
	if (o != ROUTE_NO_USER || is_virtual)
		return o;
	o = in_users_file(r, name, arena, ret);
	if (o != ROUTE_NO_USER || !r->settings->users.system)
		return o;
	return in_passwd(r, name, arena, ret);
}

enum route_outcome place_find(const struct route *r, struct slice local,
			      struct slice domain, bool is_virtual,
			      struct arena *arena, struct route_target *ret)
{
	struct slice whole = place_lower(local, arena);
	struct slice base = place_lower(place_base(r, local), arena);
	enum route_outcome o;

	if (!whole.p || !base.p)
		return ROUTE_AGAIN;
	o = find_name(r, whole, domain, is_virtual, arena, ret);
	if (o == ROUTE_NO_USER && base.n < whole.n)
		o = find_name(r, base, domain, is_virtual, arena, ret);
	if (o == ROUTE_NO_USER && slice_eq(base, SLICE("postmaster"))) {
		/* there is always one; nobody else to give the mail to */
		ret->here = true;
		ret->mailbox = SLICE("postmaster");
		ret->owner = (uid_t)-1;
		o = ROUTE_FOUND;
	}
	return o;
}
