/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/route/house.h"

static char seen[1024];

static int on_list(void *context, const char *path)
{
	const struct house *h = context;
	size_t n = strlen(seen);
	size_t skip = strncmp(path, h->dir, strlen(h->dir)) == 0
			      ? strlen(h->dir) + 1
			      : 0;

	(void)snprintf(seen + n, sizeof(seen) - n, "%s ", path + skip);
	return 0;
}

Test(lists, all_that_aliases_may_make_us_read)
{
	struct house h;
	char aliases[512];

	house_new(&h, NULL, "x: y\n", NULL);
	(void)snprintf(aliases, sizeof(aliases), ":include:%s/b\n", h.dir);
	(void)house_file(&h, "a", aliases);
	(void)house_file(&h, "b", "alice, bob\n");
	(void)snprintf(aliases, sizeof(aliases),
		       "one: alice, :Include:%s/a , bob\n"
		       "two: \":include:%s/no such, file\"\n"
		       "# :include:/etc/comment\n"
		       "four: :include:relative, :include:\n"
		       "five: :include:%s/b",
		       h.dir, h.dir, h.dir);
	(void)house_file(&h, "aliases", aliases);
	cr_assert_eq(route_lists(&h.settings, on_list, &h), 0);
	cr_expect_str_eq(seen, "a b no such, file /etc/comment b ");
	house_done(&h);
}

/* It ends though they include themselves. */
Test(lists, in_a_circle)
{
	struct house h;
	char text[128];

	seen[0] = '\0';
	house_new(&h, NULL, "x: y\n", NULL);
	(void)snprintf(text, sizeof(text), "x: :include:%s/aliases\n", h.dir);
	(void)house_file(&h, "aliases", text);
	cr_assert_eq(route_lists(&h.settings, on_list, &h), 0);
	cr_expect_str_eq(seen, "aliases aliases aliases aliases ");
	house_done(&h);
}

Test(lists, none_to_read)
{
	struct house h;

	seen[0] = '\0';
	house_new(&h, NULL, NULL, NULL);
	cr_assert_eq(route_lists(&h.settings, on_list, &h), 0);
	cr_expect_str_eq(seen, "");
	house_done(&h);
}
