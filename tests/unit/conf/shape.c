/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/shape.h"

#define LABEL_63                                                               \
	"012345678901234567890123456789012345678901234567890123456789abc"

struct row {
	bool (*is)(struct slice s);
	bool expected;
	const char *text;
};

static const struct row rows[] = {
	{ shape_is_host, true, "localhost" },
	{ shape_is_host, true, "mail.example.org" },
	{ shape_is_host, true, "xn--bcher-kva.example" },
	{ shape_is_host, true, "a_b.example" },
	{ shape_is_host, true, LABEL_63 ".example" },
	{ shape_is_host, false, LABEL_63 "d.example" },
	{ shape_is_host, false, "" },
	{ shape_is_host, false, "." },
	{ shape_is_host, false, "example.org." },
	{ shape_is_host, false, ".example.org" },
	{ shape_is_host, false, "a..b" },
	{ shape_is_host, false, "-a.example" },
	{ shape_is_host, false, "a-.example" },
	{ shape_is_host, false,
	  "b\xc3\xbc"
	  "cher.example" },
	{ shape_is_host, false, "a b" },
	{ shape_is_hop, true, "mx.example.net" },
	{ shape_is_hop, true, "mx.example.net:587" },
	{ shape_is_hop, true, "[192.0.2.1]" },
	{ shape_is_hop, true, "[192.0.2.1]:2525" },
	{ shape_is_hop, true, "[2001:db8::1]:25" },
	{ shape_is_hop, true, "[IPv6:2001:db8::1]" },
	{ shape_is_hop, false, "" },
	{ shape_is_hop, false, "[192.0.2.1" },
	{ shape_is_hop, false, "[192.0.2.1]25" },
	{ shape_is_hop, false, "[192.0.2.1]:" },
	{ shape_is_hop, true, "[mx.example.net]" },
	{ shape_is_hop, false, "mx.example.net:0" },
	{ shape_is_hop, false, "mx.example.net:65536" },
	{ shape_is_hop, false, "2001:db8::1" },
	{ shape_is_server, true, "192.0.2.1" },
	{ shape_is_server, true, "192.0.2.1:5353" },
	{ shape_is_server, true, "::1" },
	{ shape_is_server, true, "[::1]:5353" },
	{ shape_is_server, false, "" },
	{ shape_is_server, false, "ns.example" },
	{ shape_is_server, false, "192.0.2.1:x" },
	{ shape_is_path, true, "/var/mail" },
	{ shape_is_path, false, "var/mail" },
	{ shape_is_path, false, "" },
	{ shape_is_mailbox, true, "root" },
	{ shape_is_mailbox, true, "alice@example.org" },
	{ shape_is_mailbox, false, "" },
	{ shape_is_mailbox, false, "@example.org" },
	{ shape_is_mailbox, false, "alice@" },
	{ shape_is_mailbox, false, "alice bob" },
};

Test(shape, tells_what_things_look_like)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_assert_eq(rows[i].is(slice_of(rows[i].text)),
			     rows[i].expected, "row %zu: %s", i, rows[i].text);
}

Test(shape, a_host_is_at_most_253_octets)
{
	char name[255];

	memset(name, 'a', sizeof(name));
	for (size_t i = 50; i < sizeof(name); i += 50)
		name[i] = '.';
	cr_assert(shape_is_host((struct slice){ name, 253 }));
	cr_assert_not(shape_is_host((struct slice){ name, 254 }));
}
