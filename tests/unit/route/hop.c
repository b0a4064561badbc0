/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/route/house.h"

static const char routes[] = "example.net = [192.0.2.1]:2525\n"
			     ".example.net = MX.example\n"
			     ".deep.example.net = [mx.example]\n"
			     "port.example = :2525\n"
			     "bad.example = [192.0.2.1\n"
			     "tls.example = MX.example:587 name=A.example "
			     "auth=Me TLS=Verify\n"
			     "same.example = mx.example:587 tls=verify auth=Me "
			     "name=a.example\n"
			     "own.example = :465 tls=required\n"
			     "first.example = [192.0.2.1]:2465 implicit\n"
			     "plain.example = [192.0.2.1]:25 tls=never\n"
			     "odd.example = mx.example tls=maybe\n"
			     "twice.example = mx.example tls=never tls=never\n"
			     "clear.example = mx.example tls=never auth=me\n"
			     "both.example = mx.example:465 tls=opportunistic\n"
			     "who.example = mx.example name=a..b\n"
			     "more.example = mx.example other.example\n"
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
		{ "tls.example",
		  "mx.example:587 tls=verify name=a.example auth=Me" },
		{ "same.example",
		  "mx.example:587 tls=verify name=a.example auth=Me" },
		{ "own.example", "own.example:465 tls=required" },
		{ "first.example", "[192.0.2.1]:2465 implicit" },
		{ "plain.example", "[192.0.2.1]:25 tls=never" },
		{ "odd.example", "BROKEN" },
		{ "twice.example", "BROKEN" },
		{ "clear.example", "BROKEN" },
		{ "both.example", "BROKEN" },
		{ "who.example", "BROKEN" },
		{ "more.example", "BROKEN" },
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

/* What a next hop means, under each setting. */
Test(hop, manners)
{
	static const struct {
		const char *key;
		uint64_t port;
		int by_setting[4];
		bool implicit;
	} rows[] = {
		{ "mx.example", 25, { 0, 1, 2, 3 }, false },
		{ "mx.example tls=never", 25, { 0, 0, 0, 0 }, false },
		{ "mx.example tls=verify", 25, { 3, 3, 3, 3 }, false },
		{ "mx.example:465", 25, { 2, 2, 2, 3 }, true },
		{ "mx.example:25", 465, { 0, 1, 2, 3 }, false },
		{ "mx.example", 465, { 2, 2, 2, 3 }, true },
		{ "mx.example:99 implicit", 25, { 2, 2, 2, 3 }, true },
		{ "mx.example auth=me", 25, { 3, 3, 3, 3 }, false },
		{ "mx.example tls=required auth=me",
		  25,
		  { 2, 2, 2, 2 },
		  false },
	};
	static const char *const words[] = { "never", "opportunistic",
					     "required", "verify" };
	struct house h;

	house_new(&h, NULL, NULL, routes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t j = 0; j < 4; j++) {
			struct route_manner m;

			h.settings.relay.port = rows[i].port;
			h.settings.relay.tls = slice_of(words[j]);
			cr_assert(route_manner(h.route, slice_of(rows[i].key),
					       &m));
			cr_expect_eq((int)m.tls, rows[i].by_setting[j],
				     "%s, %s: %d", rows[i].key, words[j],
				     (int)m.tls);
			cr_expect_eq(m.implicit, rows[i].implicit, "%s",
				     rows[i].key);
		}
	house_done(&h);
}
