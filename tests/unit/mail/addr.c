/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/socket.h>

#include "mail/addr.h"

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A60 A50 A10
#define A63 A60 "aaa"
#define A64 A60 "aaaa"

static struct arena *arena;

static void begin(void)
{
	arena = arena_new(1 << 20);
	cr_assert(arena);
}

static void end(void)
{
	arena_free(arena);
}

TestSuite(addr, .init = begin, .fini = end);

static enum addr_trouble trouble_of(struct slice s, bool bare)
{
	struct addr a;

	return addr_parse(s, bare, arena, &a);
}

/* Local part as it is, and the address as it is written again. */
Test(addr, takes_mailboxes)
{
	static const struct {
		const char *in, *local, *domain, *out;
	} rows[] = {
		{ "a@b", "a", "b", "a@b" },
		{ "a.b.c@example.org", "a.b.c", "example.org", NULL },
		{ "Al@EXAMPLE.Org", "Al", "example.org", "Al@example.org" },
		{ "!#$%&'*+-/=?^_`{|}~@b", "!#$%&'*+-/=?^_`{|}~", "b", NULL },
		{ "\"a\"@b", "a", "b", "a@b" },
		{ "\"\"@b", "", "b", "\"\"@b" },
		{ "\"a b\"@b", "a b", "b", NULL },
		{ "\"a.\"@b", "a.", "b", NULL },
		{ "\"a@b\"@c", "a@b", "c", NULL },
		{ "\"\\\"\\\\\"@b", "\"\\", "b", NULL },
		{ "\"\\a\\b\"@c", "ab", "c", "ab@c" },
		{ "\"<>,;: ()[]\"@b", "<>,;: ()[]", "b", NULL },
		{ "a@1and1.com", "a", "1and1.com", NULL },
		{ "a@_spf.x-y.example", "a", "_spf.x-y.example", NULL },
		{ "a@b-.c", NULL, NULL, NULL },
		{ "a@[192.0.2.1]", "a", "[192.0.2.1]", NULL },
		{ "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", NULL },
		{ "a@[ipv6:::1]", "a", "[IPv6:::1]", "a@[IPv6:::1]" },
		{ "a@[IPv6:::ffff:192.0.2.1]", "a", "[IPv6:::ffff:192.0.2.1]",
		  NULL },
		{ A64 "@b", A64, "b", NULL },
		{ "a@" A63 ".b", "a", A63 ".b", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *out = rows[i].out ? rows[i].out : rows[i].in;
		struct addr a;
		enum addr_trouble t =
			addr_parse(slice_of(rows[i].in), false, arena, &a);

		if (!rows[i].local) {
			cr_expect_neq(t, ADDR_OK, "%s", rows[i].in);
			continue;
		}
		cr_assert_eq(t, ADDR_OK, "%s: %s", rows[i].in,
			     addr_trouble_text(t));
		cr_expect(slice_eq(a.local, slice_of(rows[i].local)), "%s: %s",
			  rows[i].in, a.local.p);
		cr_expect(slice_eq(a.domain, slice_of(rows[i].domain)),
			  "%s: %s", rows[i].in, a.domain.p);
		cr_expect(slice_eq(a.ascii, a.domain), "%s", rows[i].in);
		cr_expect(!a.utf8, "%s", rows[i].in);
		cr_expect(slice_eq(addr_text(&a, false, arena), slice_of(out)),
			  "%s", rows[i].in);
	}
}

Test(addr, refuses_what_is_none)
{
	static const struct {
		struct slice in;
		enum addr_trouble why;
	} rows[] = {
		{ SLICE(""), ADDR_SYNTAX },
		{ SLICE("a"), ADDR_SYNTAX },
		{ SLICE("@b"), ADDR_SYNTAX },
		{ SLICE("a@"), ADDR_DOMAIN_SYNTAX },
		{ SLICE(".a@b"), ADDR_SYNTAX },
		{ SLICE("a.@b"), ADDR_SYNTAX },
		{ SLICE("a..b@c"), ADDR_SYNTAX },
		{ SLICE("a b@c"), ADDR_SYNTAX },
		{ SLICE("a@b c"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b@c"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b."), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@.b"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b..c"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@-b"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b-"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b\n"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b\0"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a\0@b"), ADDR_SYNTAX },
		{ SLICE("\"a\0\"@b"), ADDR_SYNTAX },
		{ SLICE("\"a\r\"@b"), ADDR_SYNTAX },
		{ SLICE("\"a\\\n\"@b"), ADDR_SYNTAX },
		{ SLICE("\"a\x7f\"@b"), ADDR_SYNTAX },
		{ SLICE("\"a\\\0\"@b"), ADDR_SYNTAX },
		{ SLICE("\"a@b"), ADDR_SYNTAX },
		{ SLICE("\"a\\\"@b"), ADDR_SYNTAX },
		{ SLICE("\""), ADDR_SYNTAX },
		{ SLICE("\"\\"), ADDR_SYNTAX },
		{ SLICE("\"a\"b@c"), ADDR_SYNTAX },
		{ SLICE("a\"b\"@c"), ADDR_SYNTAX },
		{ SLICE("a@b>"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@[]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@["), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[192.0.2.1"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[192.0.2]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[192.0.2.256]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[192.0.2.1\0]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[192.0.2.1]x"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[2001:db8::1]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[IPv6:192.0.2.1]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[X400:c=de]"), ADDR_LITERAL_SYNTAX },
		{ SLICE("a@[IPv6:" A60 A60 "]"), ADDR_LITERAL_SYNTAX },
		{ SLICE(A64 "a@b"), ADDR_LOCAL_LONG },
		{ SLICE("\"" A63 "\"@b"), ADDR_LOCAL_LONG },
		{ SLICE("\"" A60 A60 A60 A60 A60 "\"@b"), ADDR_LOCAL_LONG },
		{ SLICE("a@" A64 ".b"), ADDR_DOMAIN_LONG },
		{ SLICE("a@" A63 "." A63 "." A63 "." A64), ADDR_DOMAIN_LONG },
		{ SLICE("a@" A63 "." A63 "." A63 "." A63 ".b"),
		  ADDR_DOMAIN_LONG },
		{ SLICE("a@" A63 "." A63 "." A63 "." A60), ADDR_OK },
		{ SLICE("a@" A63 "." A63 "." A63 "." A60 "a"), ADDR_LONG },
		{ SLICE(A64 "@" A63 "." A63 "." A60), ADDR_OK },
		{ SLICE(A64 "@" A63 "." A63 "." A63), ADDR_LONG },
		/* 249 octets, 255 in A-labels */
		{ SLICE(A64 "@" A63 "." A63 "." A50 "aaaa\xc3\xa9"),
		  ADDR_LONG },
		{ SLICE(A60 "@" A63 "." A63 "." A50 "aaaa\xc3\xa9"), ADDR_OK },
		/* UTF-8: overlong, cut off, surrogate, a pair's second half */
		{ SLICE("\xc0\xaf@b"), ADDR_SYNTAX },
		{ SLICE("\xc3@b"), ADDR_SYNTAX },
		{ SLICE("\xed\xa0\x80@b"), ADDR_SYNTAX },
		{ SLICE("\"\\\xc3\xa9\"@b"), ADDR_SYNTAX },
		{ SLICE("a@\xff"), ADDR_DOMAIN_SYNTAX },
		{ SLICE("a@b\xc3\xbc\0.example"), ADDR_DOMAIN_SYNTAX },
	};
	struct addr untouched = { .kind = ADDR_LITERAL };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = untouched;
		enum addr_trouble t = addr_parse(rows[i].in, false, arena, &a);

		cr_expect_eq(t, rows[i].why, "row %zu, %s: %s", i, rows[i].in.p,
			     addr_trouble_text(t));
		cr_expect(t == ADDR_OK ||
				  memcmp(&a, &untouched, sizeof(a)) == 0,
			  "row %zu", i);
	}
}

Test(addr, takes_a_name_alone_where_told)
{
	struct addr a;

	cr_assert_eq(addr_parse(SLICE("postmaster"), true, arena, &a), ADDR_OK);
	cr_expect_eq(a.kind, ADDR_NO_DOMAIN);
	cr_expect_eq(a.domain.n, 0);
	cr_expect(slice_eq(addr_text(&a, true, arena), SLICE("postmaster")));
	cr_expect_eq(trouble_of(SLICE("post master"), true), ADDR_SYNTAX);
	cr_expect_eq(trouble_of(SLICE("postmaster@"), true),
		     ADDR_DOMAIN_SYNTAX);
	cr_expect_eq(trouble_of(SLICE(""), true), ADDR_SYNTAX);
}

Test(addr, speaks_utf8)
{
	struct addr a;

	cr_assert_eq(addr_parse(SLICE("j\xc3\xbcrgen@B\xc3\x9c"
				      "cher.example"),
				false, arena, &a),
		     ADDR_OK);
	cr_expect(a.utf8);
	cr_expect(slice_eq(a.domain, SLICE("b\xc3\xbc"
					   "cher.example")));
	cr_expect(slice_eq(a.ascii, SLICE("xn--bcher-kva.example")));
	cr_expect(slice_eq(addr_text(&a, true, arena),
			   SLICE("j\xc3\xbcrgen@xn--bcher-kva.example")));
	cr_expect(slice_eq(addr_text(&a, false, arena),
			   SLICE("j\xc3\xbcrgen@b\xc3\xbc"
				 "cher.example")));
	/* A-labels ask nothing of the next host */
	cr_assert_eq(
		addr_parse(SLICE("a@XN--bcher-KVA.example"), false, arena, &a),
		ADDR_OK);
	cr_expect(!a.utf8);
	cr_expect(slice_eq(a.domain, SLICE("xn--bcher-kva.example")));
}

Test(addr, knows_the_same_mailbox)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "a@b", "a@B", true },
		{ "a@b", "\"a\"@b", true },
		{ "a@b", "\"\\a\"@b", true },
		{ "a@b", "A@b", false },
		{ "a@b", "a@c", false },
		{ "a@b\xc3\xbc.x", "a@xn--b-eha.x", true },
		{ "a@bu\xcc\x88.x", "a@b\xc3\xbc.x", true },
		{ "a@[IPv6:2001:DB8::1]", "a@[IPv6:2001:db8::1]", true },
		{ "postmaster", "postmaster@b", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a, b;

		cr_assert_eq(addr_parse(slice_of(rows[i].a), true, arena, &a),
			     ADDR_OK);
		cr_assert_eq(addr_parse(slice_of(rows[i].b), true, arena, &b),
			     ADDR_OK);
		cr_expect_eq(addr_same(&a, &b), rows[i].same, "%s %s",
			     rows[i].a, rows[i].b);
	}
}

Test(addr, finds_the_ip_in_a_literal)
{
	char text[12];
	int family = 0;

	cr_expect(addr_literal_ip(SLICE("[192.0.2.1]"), text, sizeof(text),
				  &family));
	cr_expect_str_eq(text, "192.0.2.1");
	cr_expect_eq(family, AF_INET);
	cr_expect(addr_literal_ip(SLICE("[IPv6:::1]"), text, sizeof(text),
				  &family));
	cr_expect_str_eq(text, "::1");
	cr_expect_eq(family, AF_INET6);
	cr_expect(!addr_literal_ip(SLICE("[IPv6:2001:db8:1:2::3]"), text,
				   sizeof(text), &family));
	cr_expect(!addr_literal_ip(SLICE("192.0.2.1"), text, sizeof(text),
				   &family));
}

/* However little there is, memory is what is said to be missing. */
Test(addr, says_when_memory_is_short)
{
	static const char *const addresses[] = {
		"\"quoted local\"@example.org",
		"local@[IPv6:2001:db8::1]",
		"j\xc3\xbcrgen@b\xc3\xbc"
		"cher.example",
	};

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		bool fits = false;

		for (size_t cap = 0; !fits && cap < 1000; cap++) {
			struct arena *small = arena_new(cap);
			struct addr a;
			enum addr_trouble t = addr_parse(slice_of(addresses[i]),
							 false, small, &a);

			fits = t == ADDR_OK;
			cr_expect(fits || t == ADDR_NO_MEMORY, "%s, %zu: %d",
				  addresses[i], cap, (int)t);
			arena_free(small);
		}
		cr_expect(fits, "%s", addresses[i]);
	}
}

Test(addr, has_words_for_every_trouble)
{
	for (int t = ADDR_OK; t <= ADDR_NO_MEMORY; t++)
		cr_expect(addr_trouble_text((enum addr_trouble)t)[0] != '\0',
			  "%d", t);
}
