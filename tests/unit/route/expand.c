/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sys/stat.h>

#include "tests/unit/route/house.h"

static const char users[] = "alice:!\n"
			    "bob:!:family/bob\n"
			    "ann@virtual.example:!\n"
			    "carol:!\n";

static const char aliases[] = "info: alice, bob\n"
			      "root: alice\n"
			      "both: info, \\bob, x@far.example\n"
			      "alice: alice, x@far.example\n"
			      "ping: pong\n"
			      "pong: ping\n"
			      "half: pong, alice2, half\n"
			      "alice2: \\alice\n"
			      "pipe: |cat\n"
			      "file: bob, /dev/null\n"
			      "fail: :fail: gone\n"
			      "dead: bob, nobody-here\n"
			      "far: Y@Far.Example, y@FAR.example\n"
			      "wrong: <alice>\n"
			      "sales@virtual.example: bob\n"
			      "@virtual.example: carol\n"
			      "\"two words\": bob\n"
			      "lost+found: bob\n";

Test(expand, outcomes)
{
	static const struct {
		const char *address;
		const char *outcome;
	} rows[] = {
		{ "bob@example.org", "FOUND bob@example.org=family/bob" },
		{ "BOB@Example.NET", "FOUND BOB@example.net=family/bob" },
		{ "bob+x@example.org", "FOUND bob+x@example.org=family/bob" },
		{ "carol+y@example.org", "FOUND carol+y@example.org=carol" },
		{ "alice@example.org",
		  "FOUND alice@example.org=alice x@far.example" },
		{ "root", "FOUND alice@example.org=alice x@far.example" },
		{ "both@example.org",
		  "FOUND bob@example.org=family/bob x@far.example "
		  "alice@example.org=alice" },
		{ "ping@example.org", "LOOP" },
		{ "far@example.org", "FOUND Y@far.example y@far.example" },
		{ "nobody-here@example.org", "NO_USER" },
		{ "alice@virtual.example", "FOUND carol@example.org=carol" },
		{ "ann@virtual.example",
		  "FOUND ann@virtual.example=virtual.example/ann" },
		{ "ann+x@virtual.example",
		  "FOUND ann+x@virtual.example=virtual.example/ann" },
		{ "sales@virtual.example", "FOUND bob@example.org=family/bob" },
		{ "pipe@example.org", "BROKEN aliases:9" },
		{ "file@example.org", "BROKEN aliases:10" },
		{ "fail@example.org", "BROKEN aliases:11" },
		{ "dead@example.org", "BROKEN aliases:12" },
		{ "wrong@example.org", "BROKEN aliases:14" },
		{ "\"two words\"@example.org",
		  "FOUND bob@example.org=family/bob" },
		{ "lost+found@example.org",
		  "FOUND bob@example.org=family/bob" },
		{ "who@far.example", "FOUND who@far.example" },
		{ "postmaster", "FOUND postmaster@example.org=postmaster" },
		{ "Postmaster@virtual.example",
		  "FOUND carol@example.org=carol" },
		{ "postmaster@example.net",
		  "FOUND postmaster@example.org=postmaster" },
	};
	struct house h;

	house_new(&h, users, aliases, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(house_expand(&h, rows[i].address),
				 rows[i].outcome, "%s", rows[i].address);
	house_done(&h);
}

Test(expand, postmaster_of_the_settings)
{
	struct house h;

	house_new(&h, users, NULL, NULL);
	h.settings.host.postmaster = SLICE("bob");
	cr_expect_str_eq(house_expand(&h, "postmaster"),
			 "FOUND bob@example.org=family/bob");
	h.settings.host.postmaster = SLICE("nobody-here");
	cr_expect_str_eq(house_expand(&h, "postmaster@virtual.example"),
			 "FOUND postmaster@example.org=postmaster");
	house_done(&h);
}

/* RFC 5321 §4.5.1: accepted whatever his alias says. */
Test(expand, postmaster_whose_alias_leads_nowhere)
{
	static const char *const values[] = { "root", "|cat",
					      "a\na: postmaster",
					      "x\nx: y\ny: x", "<x>" };
	struct house h;

	house_new(&h, users, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct slice text =
			arena_printf(h.arena, "postmaster: %s\n", values[i]);

		(void)house_file(&h, "aliases", text.p);
		h.settings.host.postmaster = SLICE("postmaster");
		house_route_anew(&h);
		cr_expect_str_eq(house_expand(&h, "postmaster"),
				 "FOUND postmaster@example.org=postmaster",
				 "%s", values[i]);
		h.settings.host.postmaster = SLICE("bob");
		cr_expect_str_eq(house_expand(&h, "postmaster@example.net"),
				 "FOUND bob@example.org=family/bob", "%s",
				 values[i]);
	}
	(void)house_file(&h, "aliases", "postmaster: alice, root\n");
	house_route_anew(&h);
	h.settings.host.postmaster = SLICE("postmaster");
	cr_expect_str_eq(house_expand(&h, "postmaster"),
			 "FOUND alice@example.org=alice "
			 "postmaster@example.org=postmaster");
	house_done(&h);
}

Test(expand, lists)
{
	struct house h;
	const char *list, *text;
	struct slice line;

	house_new(&h, users, NULL, NULL);
	list = house_file(&h, "list", "# members\nbob, carol\n\nx@y.example\n");
	line = arena_printf(h.arena, "all: :include:%s\nrel: :include:list\n",
			    list);
	(void)house_file(&h, "aliases", line.p);
	house_route_anew(&h);
	cr_expect_str_eq(house_expand(&h, "all"),
			 "FOUND bob@example.org=family/bob "
			 "carol@example.org=carol x@y.example");
	cr_expect_str_eq(house_expand(&h, "rel"), "BROKEN aliases:2");
	(void)house_file(&h, "list", "bob\n|cat\n");
	cr_expect_str_eq(house_expand(&h, "all"), "BROKEN list:2");
	text = arena_printf(h.arena, ":include:%s\n", list).p;
	(void)house_file(&h, "list", text);
	cr_expect_str_eq(house_expand(&h, "all"), "BROKEN list:1");
	cr_assert_eq(chmod(list, 0646), 0);
	cr_expect_str_eq(house_expand(&h, "all"), "BROKEN aliases:1");
	house_done(&h);
}

Test(expand, too_many)
{
	struct house h;
	struct buf text = BUF(1 << 20);

	cr_assert_eq(buf_put(&text, SLICE("all: x0@y.example")), 0);
	for (unsigned i = 1; i < ROUTE_TARGETS_MAX; i++)
		cr_assert_eq(buf_printf(&text, ",\n x%u@y.example", i), 0);
	cr_assert_eq(buf_put(&text, SLICE("\nmore: all, z@y.example\n")), 0);
	cr_assert_eq(buf_put_byte(&text, '\0'), 0);
	house_new(&h, NULL, text.p, NULL);
	cr_expect_str_eq(house_expand(&h, "more"), "TOO_MANY");
	cr_expect_eq(strncmp(house_expand(&h, "all"), "FOUND x0@", 9), 0);
	buf_done(&text);
	house_done(&h);
}

/* The system's accounts: root needs an alias. */
Test(expand, system_accounts)
{
	struct house h;

	house_new(&h, NULL, NULL, NULL);
	h.settings.users.system = true;
	cr_expect_str_eq(house_expand(&h, "root"), "NO_USER");
	cr_expect_str_eq(house_expand(&h, "nobody"), "NO_USER");
	h.settings.users.system_uid_min = 0;
	cr_expect_str_eq(house_expand(&h, "Root"),
			 "FOUND Root@example.org=root");
	h.settings.users.file = slice_of(h.dir);
	house_route_anew(&h);
	cr_expect_str_eq(house_expand(&h, "root"), "AGAIN");
	house_done(&h);
}
