/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/route/house.h"

Test(route, local_domains)
{
	static const struct {
		const char *address;
		bool local;
	} rows[] = {
		{ "a", true },
		{ "a@EXAMPLE.org", true },
		{ "a@virtual.example", true },
		{ "a@mail.example.org", false },
		{ "a@sub.example.org", false },
		{ "a@[127.0.0.1]", false },
	};
	struct house h;
	struct addr a;

	house_new(&h, NULL, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_assert_eq(addr_parse(slice_of(rows[i].address), true,
					h.arena, &a),
			     ADDR_OK);
		cr_expect_eq(route_is_local(h.route, &a), rows[i].local, "%s",
			     rows[i].address);
	}
	house_done(&h);
}

Test(route, final_knows_no_alias)
{
	static const struct {
		const char *address;
		enum route_outcome outcome;
		const char *mailbox;
	} rows[] = {
		{ "alice+x@example.org", ROUTE_FOUND, "alice" },
		{ "info@example.org", ROUTE_NO_USER, NULL },
		{ "postmaster@example.org", ROUTE_FOUND, "postmaster" },
		{ "x@far.example", ROUTE_FOUND, NULL },
	};
	struct house h;

	house_new(&h, "alice:!\n", "info: alice\n", NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct route_target t = { .here = false };

		cr_expect_eq(route_final(h.route, slice_of(rows[i].address),
					 h.arena, &t),
			     rows[i].outcome, "%s", rows[i].address);
		cr_expect_eq(t.here, rows[i].mailbox != NULL, "%s",
			     rows[i].address);
		if (rows[i].mailbox)
			cr_expect_str_eq(t.mailbox.p, rows[i].mailbox);
	}
	house_done(&h);
}

/* Put `text` in the place of the file `name`, as editors do it. */
static void replace(struct house *h, const char *name, const char *text)
{
	const char *new = house_file(h, "new", text);
	struct slice old = arena_printf(h->arena, "%s/%s", h->dir, name);

	cr_assert_eq(rename(new, old.p), 0);
}

/* Who is fenced in could not open what came in their place. */
Test(route, keeps_the_tables_it_began_with)
{
	struct house h;

	house_new(&h, "alice:!\n", "list: alice\n",
		  "far.example = [192.0.2.1]\n");
	replace(&h, "users", "bob:!\n");
	replace(&h, "aliases", "list: bob\n");
	cr_expect_str_eq(house_expand(&h, "alice@example.org"),
			 "FOUND alice@example.org=alice");
	cr_expect_str_eq(house_expand(&h, "list@example.org"),
			 "FOUND alice@example.org=alice");
	cr_expect_str_eq(house_expand(&h, "bob@example.org"), "NO_USER");
	house_route_anew(&h);
	cr_expect_str_eq(house_expand(&h, "list@example.org"),
			 "FOUND bob@example.org=bob");
	house_done(&h);
}

Test(route, sees_what_is_edited_in_place)
{
	struct house h;

	house_new(&h, "alice:!\n", NULL, NULL);
	(void)house_file(&h, "users", "# a longer line\nalice:!\nbob:!\n");
	cr_expect_str_eq(house_expand(&h, "bob@example.org"),
			 "FOUND bob@example.org=bob");
	(void)house_file(&h, "users", "bob:!\n");
	cr_expect_str_eq(house_expand(&h, "alice@example.org"), "NO_USER");
	house_done(&h);
}
