/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "mail/domain.h"

Test(domain, gives_a_labels)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "Example.ORG", "example.org" },
		{ "localhost", "localhost" },
		{ "3com.com", "3com.com" },
		{ "ab--cd.example", "ab--cd.example" },
		{ "_dmarc.example", "_dmarc.example" },
		{ "b\xc3\xbc"
		  "cher.example",
		  "xn--bcher-kva.example" },
		{ "bu\xcc\x88"
		  "cher.example",
		  "xn--bcher-kva.example" },
		{ "stra\xc3\x9f"
		  "e.example",
		  "xn--strae-oqa.example" },
		{ "\xe4\xbe\x8b\xe3\x80\x82\xe6\xb5\x8b\xe8\xaf\x95",
		  "xn--fsq.xn--0zwm56d" },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
		{ "Xn--Bcher-KVA.example", "xn--bcher-kva.example" },
		{ "_x.xn--bcher-kva", "_x.xn--bcher-kva" },
		/* A-labels that are none: nothing in them, ASCII only, not
		 * normal, a symbol */
		{ "xn--.example", NULL },
		{ "xn--abc-.example", NULL },
		{ "xn--a.example", NULL },
		{ "xn--99999999999.example", NULL },
		{ "xn--bcher-2pa.example", NULL },
		{ "xn--bucher-xyd.example", NULL },
		{ "xn--22g.example", NULL },
		{ "xn--i-7iq.example", NULL },
		/* and U-labels that are none */
		{ "b\xc3\xbc..example", NULL },
		{ "b\xc3\xbc@example", NULL },
		{ "b\xc3\xbc example", NULL },
		{ "b\xc3\xbc/x.example", NULL },
		{ "\xef\xbc\xa0.example", NULL },
		{ "\xcc\x88x.example", NULL },
		{ "\xe2\x99\xa5.example", NULL },
		{ "", NULL },
		{ ".", NULL },
	};
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice out = SLICE_NONE;
		enum addr_trouble t =
			addr_domain_ascii(slice_of(rows[i].in), arena, &out);

		cr_expect_eq(t, rows[i].out ? ADDR_OK : ADDR_DOMAIN_SYNTAX,
			     "%s: %s", rows[i].in, addr_trouble_text(t));
		cr_expect(slice_eq(out, slice_of(rows[i].out)), "%s: %s",
			  rows[i].in, out.p);
	}
	arena_free(arena);
}

Test(domain, bounds_names_that_grow)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf name = BUF(4000);
	struct slice out;

	for (int i = 0; i < 40; i++)
		cr_assert_eq(buf_put(&name, SLICE("\xe4\xbe\x8b\xe8\xaf\x95")),
			     0);
	cr_expect_eq(addr_domain_ascii(buf_slice(&name), arena, &out),
		     ADDR_DOMAIN_LONG);
	for (int i = 0; i < 400; i++)
		cr_assert_eq(buf_put(&name, SLICE(".\xc3\xa9")), 0);
	cr_expect_eq(addr_domain_ascii(buf_slice(&name), arena, &out),
		     ADDR_DOMAIN_LONG);
	buf_done(&name);
	arena_free(arena);
}

Test(domain, shows_u_labels)
{
	struct arena *arena = arena_new(1 << 20);
	struct slice out;

	cr_assert_eq(
		domain_unicode(SLICE("xn--bcher-kva.example"), arena, &out),
		ADDR_OK);
	cr_expect(slice_eq(out, SLICE("b\xc3\xbc"
				      "cher.example")));
	cr_assert_eq(domain_unicode(SLICE("example.org"), arena, &out),
		     ADDR_OK);
	cr_expect(slice_eq(out, SLICE("example.org")));
	cr_expect_eq(domain_unicode(SLICE("xn--99999999999"), arena, &out),
		     ADDR_DOMAIN_SYNTAX);
	arena_free(arena);
}
