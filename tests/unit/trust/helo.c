/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "trust/helo.h"

static const struct {
	const char *peer, *name;
	bool good;
} rows[] = {
	{ "192.0.2.1", "mail.example.net", true },
	{ "192.0.2.1", "mail.example.net.", true },
	{ "192.0.2.1", "xn--bcher-kva.example", true },
	{ "192.0.2.1", "mail.red.example", true },
	{ "192.0.2.1", "[192.0.2.1]", true },
	{ "2001:db8::1", "[IPv6:2001:db8::1]", true },
	{ "2001:db8::1", "[ipv6:2001:DB8:0:0::1]", true },
	{ "192.0.2.1", "[192.0.2.2]", false },
	{ "2001:db8::1", "[IPv6:2001:db8::2]", false },
	{ "192.0.2.1", "[192.0.2.1", false },
	{ "192.0.2.1", "[", false },
	{ "192.0.2.1", "[]", false },
	{ "192.0.2.1", "[mail.example.net]", false },
	{ "192.0.2.1", "192.0.2.1", false },
	{ "192.0.2.1", "2001:db8::1", false },
	{ "192.0.2.1", "laptop", false },
	{ "192.0.2.1", "laptop.", false },
	{ "192.0.2.1", ".", false },
	{ "192.0.2.1", ".example", false },
	{ "192.0.2.1", "", false },
	{ "192.0.2.1", "mx.red.example", false },
	{ "192.0.2.1", "MX.Red.Example", false },
	{ "192.0.2.1", "red.example", false },
	{ "192.0.2.1", "lists.example", false },
};

Test(helo, a_name_is_what_it_must_be)
{
	struct slice local[] = { SLICE("red.example") };
	struct slice lists[] = { SLICE("lists.example") };
	const struct settings s = {
		.host = { .name = SLICE("mx.red.example") },
		.domains = { .local = { local, 1 }, .virtual_ = { lists, 1 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p;

		cr_assert_eq(peer_parse(slice_of(rows[i].peer), &p), 0);
		cr_assert_eq(!helo_trouble(&s, &p, slice_of(rows[i].name)),
			     rows[i].good, "%s of %s", rows[i].name,
			     rows[i].peer);
	}
}
