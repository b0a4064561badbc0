/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/value.h"

static const struct setting *row(const char *section, const char *key)
{
	for (size_t i = 0; i < settings_table_n; i++)
		if (strcmp(settings_table[i].section, section) == 0 &&
		    strcmp(settings_table[i].key, key) == 0)
			return &settings_table[i];
	cr_assert_fail("no setting %s.%s", section, key);
	return NULL;
}

static const struct {
	const char *section, *key, *text;
	int result;
	const char *back; /* NULL: as it went in */
} rows[] = {
	{ "users", "system", "yes", 0, NULL },
	{ "users", "system", "NO", 0, "no" },
	{ "users", "system", "on", 0, "yes" },
	{ "users", "system", "0", 0, "no" },
	{ "users", "system", "2", -EINVAL, NULL },
	{ "users", "system", "", -EINVAL, NULL },
	{ "relay", "port", "2525", 0, NULL },
	{ "relay", "port", "0", -ERANGE, NULL },
	{ "relay", "port", "65536", -ERANGE, NULL },
	{ "relay", "port", "25 s", -EINVAL, NULL },
	{ "smtp", "data_timeout", "300", 0, "5 min" },
	{ "smtp", "data_timeout", "300 ms", -EINVAL, NULL },
	{ "smtp", "data_timeout", "2000 ms", 0, "2 s" },
	{ "smtp", "greet_wait", "300 ms", 0, NULL },
	{ "smtp", "greet_wait", "2", 0, "2 s" },
	{ "smtp", "message_max", "25 MB", 0, NULL },
	{ "smtp", "message_max", "0", -ERANGE, NULL },
	{ "quota", "size", "1G", 0, "1 GiB" },
	{ "quota", "size", "0", 0, NULL },
	{ "quota", "size", "2097152 T", -ERANGE, NULL },
	{ "quota", "warn", "75%", 0, "75 %" },
	{ "quota", "warn", "80", 0, "80 %" },
	{ "quota", "warn", "101 %", -ERANGE, NULL },
	{ "quota", "warn", "%", -EINVAL, NULL },
	{ "quota", "domains", "", 0, NULL },
	{ "quota", "domains", "A.example=500MB/1000, b.example=none", 0,
	  "a.example=500MB/1000\n\tb.example=none" },
	{ "quota", "domains", "a.example=500MB b.example=", -EINVAL, NULL },
	{ "rates", "messages", "none", 0, NULL },
	{ "rates", "messages", "60/1 min", 0, NULL },
	{ "rates", "messages", "60/min", 0, "60/1 min" },
	{ "rates", "messages", "500/90s", 0, "500/90 s" },
	{ "rates", "messages", "60", -EINVAL, NULL },
	{ "rates", "messages", "", -EINVAL, NULL },
	{ "rates", "messages", "/1 h", -EINVAL, NULL },
	{ "rates", "messages", "1/", -EINVAL, NULL },
	{ "rates", "messages", "1/-1 h", -EINVAL, NULL },
	{ "rates", "messages", "0/1 h", -ERANGE, NULL },
	{ "rates", "messages", "1000001/1 h", -ERANGE, NULL },
	{ "rates", "messages", "1/999 ms", -ERANGE, NULL },
	{ "rates", "messages", "1/31 d", -ERANGE, NULL },
	{ "trust", "refuse_lists", "", 0, NULL },
	{ "trust", "refuse_lists", "L.example m.example=127.0.0.2-11|127.0.*.3",
	  0, "l.example\n\tm.example=127.0.0.2-11|127.0.*.3" },
	{ "trust", "refuse_lists", "l.example=", -EINVAL, NULL },
	{ "trust", "refuse_lists", "l.example=127.0.0", -EINVAL, NULL },
	{ "trust", "refuse_lists", "l.example=127.0.0.2.3", -EINVAL, NULL },
	{ "trust", "refuse_lists", "l.example=127.0.0.256", -EINVAL, NULL },
	{ "trust", "refuse_lists", "l.example=127.0.0.9-2", -EINVAL, NULL },
	{ "trust", "refuse_lists", "l.example=127.0.0.2|", -EINVAL, NULL },
	{ "trust", "refuse_lists", "http://l.example", -EINVAL, NULL },
	{ "auth", "mechanisms", "", 0, NULL },
	{ "auth", "mechanisms", "plain, Login", 0, NULL },
	{ "auth", "mechanisms", "PLAIN,SCRAM-SHA-256-PLUS", 0, NULL },
	{ "auth", "mechanisms", "PLAIN PLAINS", -EINVAL, NULL },
	{ "auth", "mechanisms", "PLAI", -EINVAL, NULL },
	{ "store", "directory", "/srv/mail", 0, NULL },
	{ "store", "directory", "", -EINVAL, NULL },
	{ "store", "directory", "mail", -EINVAL, NULL },
	{ "users", "aliases", "", 0, NULL },
	{ "host", "name", "Mail.Example.ORG", 0, "mail.example.org" },
	{ "host", "name",
	  "b\xc3\xbc"
	  "cher.example",
	  -EINVAL, NULL },
	{ "users", "delimiter", "", 0, NULL },
	{ "users", "delimiter", "-", 0, NULL },
	{ "users", "delimiter", "@", -EINVAL, NULL },
	{ "users", "delimiter", "+ -", -EINVAL, NULL },
	{ "log", "to", "journal", 0, NULL },
	{ "log", "to", "journa", -EINVAL, NULL },
	{ "domains", "local", "a.example", 0, NULL },
	{ "domains", "local", "A.example, b.example,c.example", 0,
	  "a.example\n\tb.example\n\tc.example" },
	{ "domains", "local", "a.example b..example", -EINVAL, NULL },
	{ "domains", "virtual", "", 0, NULL },
	{ "smtp", "networks", "192.0.2.0/24 2001:db8::/32", 0,
	  "192.0.2.0/24\n\t2001:db8::/32" },
	{ "smtp", "networks", "192.0.2.1", 0, "192.0.2.1/32" },
	{ "smtp", "networks", "192.0.2.0/33", -EINVAL, NULL },
	{ "smtp", "networks", "example.org", -EINVAL, NULL },
	{ "smtp", "networks", "", 0, NULL },
	{ "proxy", "ports", "25, 65535 1", 0, "25\n\t65535\n\t1" },
	{ "proxy", "ports", "", 0, NULL },
	{ "proxy", "ports", "25 0", -EINVAL, NULL },
	{ "proxy", "ports", "65536", -EINVAL, NULL },
	{ "proxy", "ports", "smtp", -EINVAL, NULL },
};

Test(value, goes_in_and_comes_out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct setting *s = row(rows[i].section, rows[i].key);
		const char *back = rows[i].back ? rows[i].back : rows[i].text;
		struct arena *arena = arena_new(65536);
		struct settings settings = { 0 };
		struct buf b = BUF(1024);

		cr_assert_eq(value_parse(s, slice_of(rows[i].text), arena,
					 &settings),
			     rows[i].result, "%s = %s", rows[i].key,
			     rows[i].text);
		if (rows[i].result == 0) {
			cr_assert_eq(value_format(s, &settings, &b), 0);
			cr_assert(slice_eq(buf_slice(&b), slice_of(back)),
				  "%s: %.*s", rows[i].key,
				  SLICE_ARG(buf_slice(&b)));
		} else {
			static const struct settings untouched;

			cr_assert_eq(
				memcmp(&settings, &untouched, sizeof(settings)),
				0, "%s", rows[i].key);
		}
		buf_done(&b);
		arena_free(arena);
	}
}

Test(value, every_type_says_what_was_expected)
{
	for (size_t i = 0; i < settings_table_n; i++) {
		struct buf b = BUF(1024);

		cr_assert_eq(value_expected(&settings_table[i], &b), 0);
		cr_assert(slice_starts(buf_slice(&b), SLICE("write ")));
		cr_assert_gt(b.n, strlen("write ") + 5, "%s",
			     settings_table[i].key);
		buf_done(&b);
	}
}

Test(value, names_the_range)
{
	struct buf b = BUF(1024);

	cr_assert_eq(value_expected(row("pop3", "idle_timeout"), &b), 0);
	cr_assert(slice_ends(buf_slice(&b), SLICE(", from 1 s to 1 d")), "%.*s",
		  SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
}

Test(value, a_full_arena_is_said)
{
	struct arena *arena = arena_new(4);
	struct settings settings = { 0 };

	cr_assert_eq(value_parse(row("store", "directory"), SLICE("/var/mail"),
				 arena, &settings),
		     -ENOMEM);
	cr_assert_eq(value_parse(row("smtp", "networks"), SLICE("::1"), arena,
				 &settings),
		     -ENOMEM);
	cr_assert_eq(value_parse(row("domains", "local"), SLICE("a b"), arena,
				 &settings),
		     -ENOMEM);
	arena_free(arena);
}
