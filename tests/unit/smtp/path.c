/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "smtp/path.h"

static const struct row {
	const char *in;
	enum addr_trouble want;
	const char *local, *domain, *rest;
} rows[] = {
	{ "<a@b.example>", ADDR_OK, "a", "b.example", "" },
	{ "<a@b.example> SIZE=1", ADDR_OK, "a", "b.example", " SIZE=1" },
	{ "<@x,@y.example:a@b.example>", ADDR_OK, "a", "b.example", "" },
	{ "<\"a>b\"@b.example>x", ADDR_OK, "a>b", "b.example", "x" },
	{ "<\"\\\"\"@b.example>", ADDR_OK, "\"", "b.example", "" },
	{ "<a@[192.0.2.1]>", ADDR_OK, "a", "[192.0.2.1]", "" },
	{ "<>", ADDR_OK, NULL, NULL, "" },
	{ "<postmaster>", ADDR_OK, "postmaster", "", "" },
	{ "a@b.example", ADDR_SYNTAX, NULL, NULL, NULL },
	{ "<a@b.example", ADDR_SYNTAX, NULL, NULL, NULL },
	{ "<a@b.example >", ADDR_DOMAIN_SYNTAX, NULL, NULL, NULL },
	{ "<a b@c.example>", ADDR_SYNTAX, NULL, NULL, NULL },
	{ "<@x a@b.example>", ADDR_SYNTAX, NULL, NULL, NULL },
	{ "<@x:@y:a@b.example>", ADDR_SYNTAX, NULL, NULL, NULL },
	{ "", ADDR_SYNTAX, NULL, NULL, NULL },
	{ "<", ADDR_SYNTAX, NULL, NULL, NULL },
};

Test(path, grammar)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct arena *arena = arena_new(1 << 16);
		struct slice rest = slice_of(row->in);
		struct addr a = { 0 };
		enum addr_trouble t = path_parse(&rest, true, true, arena, &a);

		cr_assert_eq(t, row->want, "%s: %s", row->in,
			     addr_trouble_text(t));
		if (t == ADDR_OK) {
			cr_assert(slice_eq(a.local, slice_of(row->local)), "%s",
				  row->in);
			cr_assert(slice_eq(a.domain, slice_of(row->domain)),
				  "%s", row->in);
			cr_assert(slice_eq(rest, slice_of(row->rest)), "%s",
				  row->in);
		} else {
			cr_assert_eq(rest.n, strlen(row->in), "%s", row->in);
		}
		arena_free(arena);
	}
}

Test(path, null_only_where_it_may_be)
{
	struct arena *arena = arena_new(1 << 16);
	struct slice rest = SLICE("<>");
	struct addr a;

	cr_assert_neq(path_parse(&rest, false, true, arena, &a), ADDR_OK);
	rest = SLICE("<postmaster>");
	cr_assert_neq(path_parse(&rest, true, false, arena, &a), ADDR_OK);
	arena_free(arena);
}
