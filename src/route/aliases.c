/* SPDX-License-Identifier: ISC */
/* The aliases file, and the lists it includes. Never runs a command, never
 * writes to a file it names. */
#include "route/engine.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

#define INCLUDE_DEPTH_MAX 4
#define INCLUDE_SIZE_MAX  (1U << 20)

static int find_domain(struct map *aliases, struct slice local,
		       struct slice domain, struct arena *arena,
		       struct slice *ret_value, unsigned *ret_line)
{
	struct slice key = arena_printf(arena, "%.*s@%.*s", SLICE_ARG(local),
					SLICE_ARG(domain));

	if (!key.p)
		return -ENOMEM;
	return map_find(aliases, key, arena, ret_value, ret_line);
}

int alias_find(const struct route *r, struct map *aliases, const struct addr *a,
	       bool whole, struct arena *arena, struct slice *ret_value,
	       unsigned *ret_line)
{
	struct addr bare = *a;
	struct slice local = SLICE("");
	int found = 0;

	bare.kind = ADDR_NO_DOMAIN;
	if (whole)
		local = addr_text(&bare, true, arena);
	if (!local.p || slice_find(local, '\0') < local.n)
		return local.p ? 0 : -ENOMEM;
	if (a->kind != ADDR_NO_DOMAIN)
		found = find_domain(aliases, local, a->ascii, arena, ret_value,
				    ret_line);
	if (found == 0 && !slice_eq(a->domain, a->ascii))
		found = find_domain(aliases, local, a->domain, arena, ret_value,
				    ret_line);
	if (found == 0 && whole && domain_is_local(r, a))
		found = map_find(aliases, local, arena, ret_value, ret_line);
	return found;
}

/* ---- what an alias names ---- */

static enum route_outcome broken(struct expansion *x, struct slice where,
				 const char *why)
{
	x->where = where;
	x->why = why;
	return ROUTE_BROKEN;
}

/* Open a list: a regular file that not everybody can write. */
static int open_list(const char *path, size_t *ret_size, const char **ret_why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	*ret_why = "an included list cannot be opened";
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		st.st_mode = 0;
	if (!S_ISREG(st.st_mode))
		*ret_why = "an included list is no regular file";
	else if (st.st_mode & S_IWOTH)
		*ret_why = "an included list can be written by everybody";
	else if (st.st_size > INCLUDE_SIZE_MAX)
		*ret_why = "an included list is too large";
	else {
		*ret_size = (size_t)st.st_size;
		return fd;
	}
	(void)close(fd); /* nothing was written */
	return -EINVAL;
}

static enum route_outcome read_list(struct expansion *x, struct slice path,
				    struct slice where, struct slice *ret)
{
	const char *why = NULL;
	size_t size = 0;
	CLEANUP(file_close) int fd = -1;
	ssize_t n;
	char *p;

	if (path.n == 0 || path.p[0] != '/' || slice_find(path, '\0') < path.n)
		return broken(x, where,
			      "an included list needs a path from "
			      "the root");
	path = arena_copy(x->arena, path);
	if (!path.p)
		return ROUTE_AGAIN;
	fd = open_list(path.p, &size, &why);
	if (fd < 0)
		return broken(x, where, why);
	p = arena_alloc(x->arena, size + 1);
	n = p ? file_read_at(fd, p, size, 0) : -ENOMEM;
	if (n < 0)
		return ROUTE_AGAIN;
	*ret = (struct slice){ p, (size_t)n };
	return ROUTE_FOUND;
}

static enum route_outcome include(struct expansion *x, struct slice path,
				  struct slice where, struct slice own,
				  unsigned depth)
{
	struct slice text = SLICE_NONE, line;
	enum route_outcome o;
	unsigned number = 0;

	if (depth == INCLUDE_DEPTH_MAX)
		return broken(x, where, "lists include each other too deeply");
	o = read_list(x, path, where, &text);
	while (o == ROUTE_FOUND && slice_field(&text, '\n', &line)) {
		struct slice at;

		number++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		line = slice_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		at = arena_printf(x->arena, "%.*s:%u", SLICE_ARG(path), number);
		o = at.p ? expansion_add_value(x, line, at, own, depth + 1)
			 : ROUTE_AGAIN;
	}
	return o;
}

static enum route_outcome add_address(struct expansion *x, struct target t,
				      struct slice where, struct slice own)
{
	struct expansion_item item = { .final = t.kind == TARGET_FINAL,
				       .where = where };
	enum addr_trouble trouble =
		addr_parse(t.text, true, x->arena, &item.address);

	if (addr_is_our_trouble(trouble))
		return ROUTE_AGAIN;
	if (trouble != ADDR_OK)
		return broken(x, where, addr_trouble_text(trouble));
	item.address = domain_complete(x->route, item.address);
	item.text = addr_text(&item.address, true, x->arena);
	if (!item.text.p)
		return ROUTE_AGAIN;
	if (slice_eq_nocase(item.text, own))
		item.final = true;
	return expansion_add(x, &item);
}

static enum route_outcome add_target(struct expansion *x, struct target t,
				     struct slice where, struct slice own,
				     unsigned depth)
{
	switch (t.kind) {
	case TARGET_ADDRESS:
	case TARGET_FINAL:
		return add_address(x, t, where, own);
	case TARGET_INCLUDE:
		return include(x, t.text, where, own, depth);
	case TARGET_COMMAND:
		return broken(x, where, "commands are not run from aliases");
	case TARGET_FILE:
		return broken(x, where, "aliases do not write to files");
	case TARGET_SPECIAL:
		return broken(x, where,
			      "of what begins with ':' only "
			      ":include: is known");
	case TARGET_BAD:
		break;
	}
	return broken(x, where, "a quote has no end");
}

enum route_outcome expansion_add_value(struct expansion *x, struct slice value,
				       struct slice where, struct slice own,
				       unsigned depth)
{
	enum route_outcome o = ROUTE_FOUND;
	struct target t;

	while (o == ROUTE_FOUND && target_next(&value, &t))
		o = add_target(x, t, where, own, depth);
	return o;
}
