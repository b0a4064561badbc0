/* SPDX-License-Identifier: ISC */
/* See house.h. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/unit/route/house.h"

const char *house_file(struct house *h, const char *name, const char *text)
{
	struct slice path = arena_printf(h->arena, "%s/%s", h->dir, name);
	int fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	cr_assert(fd >= 0);
	cr_assert_eq(file_write(fd, slice_of(text)), 0);
	(void)close(fd);
	return path.p;
}

static struct slice file_or_missing(struct house *h, const char *name,
				    const char *text)
{
	if (text)
		return slice_of(house_file(h, name, text));
	return arena_printf(h->arena, "%s/%s", h->dir, name);
}

static struct words words(struct house *h, const char *a, const char *b)
{
	struct slice *v = arena_alloc(h->arena, 2 * sizeof(*v));

	v[0] = slice_of(a);
	v[1] = slice_of(b);
	return (struct words){ v, b ? 2 : 1 };
}

void house_new(struct house *h, const char *users, const char *aliases,
	       const char *routes)
{
	struct settings *s = &h->settings;

	*h = (struct house){ .dir = "/tmp/postern-route.XXXXXX" };
	h->arena = arena_new(4 << 20);
	cr_assert(mkdtemp(h->dir) && h->arena);
	cr_assert_eq(settings_default(h->arena, s), 0);
	s->host.name = SLICE("mail.example.org");
	s->domains.local = words(h, "example.org", "example.net");
	s->domains.virtual_ = words(h, "virtual.example", NULL);
	s->users.system = false;
	s->users.file = file_or_missing(h, "users", users);
	s->users.aliases = file_or_missing(h, "aliases", aliases);
	s->relay.routes = file_or_missing(h, "routes", routes);
	cr_assert_eq(route_new(s, &h->route), 0);
}

void house_route_anew(struct house *h)
{
	route_free(h->route);
	cr_assert_eq(route_new(&h->settings, &h->route), 0);
}

void house_done(struct house *h)
{
	static const char *const names[] = { "users", "aliases", "routes",
					     "list",  "inner",   "new" };
	int dir = open(h->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)close(dir);
	(void)rmdir(h->dir);
	route_free(h->route);
	arena_free(h->arena);
}

static struct slice describe(struct house *h, const struct route_target *v,
			     size_t n)
{
	struct buf text = BUF(1 << 20);
	struct slice copy;

	cr_assert_eq(buf_put(&text, SLICE("FOUND")), 0);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(buf_printf(&text, " %s%s%s", v[i].address.p,
					v[i].here ? "=" : "",
					v[i].here ? v[i].mailbox.p : ""),
			     0);
	copy = arena_copy(h->arena, buf_slice(&text));
	buf_done(&text);
	return copy;
}

const char *house_expand(struct house *h, const char *address)
{
	static const char *const names[] = { "FOUND",    "NO_USER", "LOOP",
					     "TOO_MANY", "BROKEN",  "AGAIN" };
	struct route_target *v = NULL;
	struct slice line = SLICE_NONE;
	struct addr a;
	bool alias;
	size_t n = 0;
	enum route_outcome o;

	cr_assert_eq(addr_parse(slice_of(address), true, h->arena, &a), ADDR_OK,
		     "%s", address);
	o = route_expand(h->route, &a, h->arena, &v, &n, &alias, &line);
	if (o == ROUTE_FOUND)
		return describe(h, v, n).p;
	if (o != ROUTE_BROKEN)
		return names[o];
	line = slice_from(line, strlen(h->dir) + 1);
	return arena_printf(h->arena, "BROKEN %.*s", SLICE_ARG(line)).p;
}
