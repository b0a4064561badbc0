/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/route/house.h"

static const char users[] = "alice:!::quota=1K,messages=5\n"
			    "bob:!::colour=blue\n"
			    "carol:!::quota=much\n"
			    "dave@virtual.example:!::\n"
			    "eve:!::quota=none,messages=none\n";

static const struct {
	const char *address;
	struct quota quota;
	const char *bad;
} rows[] = {
	{ "alice@example.org", { 1024, 5 }, NULL },
	{ "alice+list@example.net", { 1024, 5 }, NULL },
	{ "bob@example.org", { 100, 7 }, NULL },
	{ "bob@example.net", { 100, 7 }, NULL },
	{ "carol@example.org", { 100, 7 }, "quota=much" },
	{ "dave@virtual.example", { 200, 7 }, NULL },
	{ "eve@example.org", { 0, 0 }, NULL },
	{ "postmaster@example.org", { 0, 0 }, NULL },
};

Test(account, has_its_limits)
{
	struct domain_quota v = { .domain = SLICE("virtual.example"),
				  .octets_given = true,
				  .quota = { 200, 0 } };
	struct house h;

	house_new(&h, users, "list: carol, bob\n", NULL);
	h.settings.quota.octets = 100;
	h.settings.quota.messages = 7;
	h.settings.quota.domains = (struct domain_quotas){ &v, 1 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct route_target t = { .here = false };

		cr_assert_eq(route_final(h.route, slice_of(rows[i].address),
					 h.arena, &t),
			     ROUTE_FOUND, "%s", rows[i].address);
		cr_expect_eq(t.quota.octets, rows[i].quota.octets, "%s",
			     rows[i].address);
		cr_expect_eq(t.quota.messages, rows[i].quota.messages, "%s",
			     rows[i].address);
		cr_expect(slice_eq(t.bad_option, slice_of(rows[i].bad)), "%s",
			  rows[i].address);
	}
	house_done(&h);
}

Test(account, an_alias_keeps_each_ones)
{
	struct route_target *t;
	struct slice line;
	struct addr a;
	struct house h;
	size_t n;
	bool alias;

	house_new(&h, users, "list: carol, alice\n", NULL);
	cr_assert_eq(addr_parse(SLICE("list@example.org"), true, h.arena, &a),
		     ADDR_OK);
	cr_assert_eq(route_expand(h.route, &a, h.arena, &t, &n, &alias, &line),
		     ROUTE_FOUND);
	cr_assert_eq(n, 2);
	cr_expect(slice_eq(t[0].bad_option, SLICE("quota=much")));
	cr_expect_eq(t[1].quota.octets, 1024);
	house_done(&h);
}

/* root is an account of the system everywhere. */
Test(account, of_the_system_has_the_default)
{
	struct route_target t;
	struct house h;

	house_new(&h, NULL, NULL, NULL);
	h.settings.users.system = true;
	h.settings.users.system_uid_min = 0;
	h.settings.quota.messages = 7;
	cr_assert_eq(
		route_final(h.route, SLICE("root@example.net"), h.arena, &t),
		ROUTE_FOUND);
	cr_expect_eq(t.owner, 0);
	cr_expect_eq(t.quota.messages, 7);
	house_done(&h);
}
