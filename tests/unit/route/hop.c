/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/route/house.h"

static const char routes[] = "example.net = [192.0.2.1]:2525\n"
			     ".example.net = MX.example\n"
			     ".deep.example.net = [mx.example]\n"
			     "port.example = :2525\n"
			     "bad.example = [192.0.2.1\n"
			     "worse.example = mx.example:0\n";

static const char *hop(struct house *h, const char *domain)
{
	struct slice key = SLICE("BROKEN");

	if (route_next_hop(h->route, slice_of(domain), h->arena, &key) !=
	    ROUTE_FOUND)
		return "BROKEN";
	return key.p;
}

Test(hop, most_specific_first)
{
	static const struct {
		const char *domain;
		const char *hop;
	} rows[] = {
		{ "example.net", "[192.0.2.1]:2525" },
		{ "a.example.net", "mx.example" },
		{ "a.deep.example.net", "[mx.example]" },
		{ "a.b.deep.example.net", "[mx.example]" },
		{ "port.example", "port.example:2525" },
		{ "bad.example", "BROKEN" },
		{ "worse.example", "BROKEN" },
		{ "Other.example", "other.example" },
		{ "[192.0.2.9]", "[192.0.2.9]" },
		{ "notexample.net", "notexample.net" },
	};
	struct house h;

	house_new(&h, NULL, NULL, routes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(hop(&h, rows[i].domain), rows[i].hop, "%s",
				 rows[i].domain);
	h.settings.relay.smarthost = SLICE("[192.0.2.5]:587");
	cr_expect_str_eq(hop(&h, "other.example"), "[192.0.2.5]:587");
	cr_expect_str_eq(hop(&h, "example.net"), "[192.0.2.1]:2525");
	/* what the postmaster writes applies to the next call */
	(void)house_file(&h, "routes", "* = [192.0.2.6]\n");
	cr_expect_str_eq(hop(&h, "example.net"), "[192.0.2.6]");
	house_done(&h);
}
