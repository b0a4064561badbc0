/* SPDX-License-Identifier: ISC */
/* See users.h: reading. A mailbox's path goes to the store: nothing that
 * could leave the mail directory, or hide among what the store keeps there,
 * gets through. */
#include "conf/users.h"

#include "base/escape.h"
#include "base/file.h"
#include "conf/map.h"
#include "conf/shape.h"

#define FIELDS 3 /* behind the name */

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '.' ||
	       c == '_' || c == '-' || (c & 0x80);
}

static bool is_local_name(struct slice s)
{
	if (s.n == 0 || s.n > USER_LOCAL_MAX || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_byte(s.p[i]))
			return false;
	return utf8_valid(s);
}

static bool is_lower(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_lower(s.p[i]) != s.p[i])
			return false;
	return true;
}

static bool is_mailbox_part(struct slice s)
{
	if (s.n == 0 || s.n > USER_MAILBOX_MAX || s.p[0] == '.' ||
	    slice_ends(s, SLICE(".lock")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127 ||
		    s.p[i] == ':')
			return false;
	return true;
}

/* Both parts of a name also make the usual path of its mailbox. */
bool user_name_valid(struct slice name)
{
	size_t at = slice_find(name, '@');
	struct slice local = slice_upto(name, at);
	struct slice domain = slice_from(name, at + 1);

	if (at < name.n && !(shape_is_host(domain) && is_lower(domain) &&
			     is_mailbox_part(domain)))
		return false;
	return is_local_name(local) && is_mailbox_part(local);
}

bool user_mailbox_valid(struct slice mailbox)
{
	struct slice part;

	if (mailbox.n == 0 || mailbox.n >= PATH_MAX / 2)
		return false;
	while (slice_field(&mailbox, '/', &part))
		if (!is_mailbox_part(part))
			return false;
	return true;
}

static struct slice default_mailbox(struct slice name, struct arena *arena)
{
	size_t at = slice_find(name, '@');

	if (at == name.n)
		return arena_copy(arena, name);
	return arena_printf(arena, "%.*s/%.*s",
			    SLICE_ARG(slice_from(name, at + 1)),
			    SLICE_ARG(slice_upto(name, at)));
}

static int take(struct slice field, struct arena *arena, struct slice *ret)
{
	*ret = arena_copy(arena, field);
	return ret->p ? 0 : -ENOMEM;
}

static const char *judge(struct slice name, const struct slice *fields,
			 struct slice rest)
{
	if (!user_name_valid(name))
		return "the name is not lower-case letters, digits, '.', '_' "
		       "and '-'";
	if (rest.p)
		return "there are more than four fields";
	for (size_t i = 0; i < FIELDS; i++)
		if (memchr(fields[i].p, '\0', fields[i].n))
			return "there is a NUL byte in it";
	if (fields[1].n > 0 && !user_mailbox_valid(fields[1]))
		return "the mailbox is not a plain path below the mail "
		       "directory";
	return NULL;
}

int user_parse(struct slice name, struct slice rest, struct arena *arena,
	       struct user *ret, const char **ret_why)
{
	struct slice fields[FIELDS] = { SLICE(""), SLICE(""), SLICE("") };
	struct user u = { .name = SLICE_NONE };
	const char *why;
	int r;

	name = slice_trim(name);
	for (size_t i = 0; i < FIELDS && slice_field(&rest, ':', &fields[i]);
	     i++)
		fields[i] = slice_trim(fields[i]);
	why = judge(name, fields, rest);
	if (why) {
		*ret_why = why;
		return -EINVAL;
	}
	r = take(name, arena, &u.name);
	if (r == 0)
		r = take(fields[0], arena, &u.hash);
	if (r == 0)
		r = take(fields[2], arena, &u.options);
	u.mailbox = fields[1].n > 0 ? arena_copy(arena, fields[1])
				    : default_mailbox(name, arena);
	if (r < 0 || !u.mailbox.p) {
		*ret_why = "out of memory";
		return -ENOMEM;
	}
	*ret = u;
	return 0;
}

/* In lower case, as names stand in the file. */
static struct slice fold(struct slice name, struct arena *arena)
{
	struct slice s = arena_copy(arena, name);
	char *p = (char *)s.p; /* the arena's copy is ours */

	for (size_t i = 0; p && i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return s;
}

int user_find_held(const struct map_held *held, struct slice name,
		   struct arena *arena, struct user *ret)
{
	struct slice folded, rest;
	struct map *m = NULL;
	const char *why;
	int r;

	if (name.n > USER_LOCAL_MAX + 1 + NAME_MAX)
		return 0;
	folded = fold(name, arena);
	if (!folded.p)
		return -ENOMEM;
	if (!user_name_valid(folded))
		return 0;
	r = map_of_held(held, ':', &m);
	if (r < 0)
		return r;
	r = map_find(m, folded, arena, &rest, NULL);
	map_close(m);
	if (r <= 0)
		return r;
	r = user_parse(folded, rest, arena, ret, &why);
	return r == 0 ? 1 : r == -EINVAL ? -EBADMSG : r;
}

int user_find(const char *path, struct slice name, struct arena *arena,
	      struct user *ret)
{
	struct map_held held CLEANUP(map_let_go) = { .file = -1, .index = -1 };

	map_hold(path, &held);
	return user_find_held(&held, name, arena, ret);
}
