/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/settings.h"

static const struct quota before = { 500, 7 };

static const struct {
	const char *options;
	uint64_t octets, messages;
	const char *bad; /* NULL: all is well */
} rows[] = {
	{ "", 500, 7, NULL },
	{ "quota=1G,messages=1000", 1ULL << 30, 1000, NULL },
	{ "messages = 3 , quota = 25 MB", 25000000, 3, NULL },
	{ "quota=none", 0, 7, NULL },
	{ "quota=0,messages=None", 0, 0, NULL },
	{ "colour=blue,messages=9", 500, 9, NULL },
	{ "QUOTA=1G", 500, 7, NULL },
	{ "quota=lots,messages=9", 500, 9, "quota=lots" },
	{ "quota=", 500, 7, "quota=" },
	{ "quota", 500, 7, "quota" },
	{ "quota=-1", 500, 7, "quota=-1" },
	{ "quota=2097152T", 500, 7, "quota=2097152T" },
	{ "messages=1K,quota=x", 500, 7, "messages=1K" },
	{ "messages=1000000001", 500, 7, "messages=1000000001" },
};

Test(quota, options_stand_above_the_defaults_and_bad_ones_do_not)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct quota q = before;
		struct slice bad = SLICE_NONE;
		int r = quota_read_options(slice_of(rows[i].options), &q, &bad);

		cr_expect_eq(r, rows[i].bad ? -EINVAL : 0, "%s",
			     rows[i].options);
		cr_expect_eq(q.octets, rows[i].octets, "%s", rows[i].options);
		cr_expect_eq(q.messages, rows[i].messages, "%s",
			     rows[i].options);
		cr_expect(slice_eq(bad, slice_of(rows[i].bad)), "%s",
			  rows[i].options);
	}
}

Test(quota, a_domain_has_its_own)
{
	struct arena *arena = arena_new(65536);
	struct domain_quota v[2];
	struct settings s;
	struct quota q;

	cr_assert_eq(settings_default(arena, &s), 0);
	q = settings_quota(&s, SLICE("alice"));
	cr_expect_not(quota_any(&q), "none by default");
	s.quota.octets = 10;
	s.quota.messages = 20;
	s.domains.local.v[0] = SLICE("local.example");
	cr_assert_eq(quota_parse_domain(SLICE("A.example=1K"), &v[0]), 0);
	cr_assert_eq(quota_parse_domain(SLICE("local.example=none/5"), &v[1]),
		     0);
	s.quota.domains = (struct domain_quotas){ v, 2 };
	q = settings_quota(&s, SLICE("alice@a.EXAMPLE"));
	cr_expect_eq(q.octets, 1024);
	cr_expect_eq(q.messages, 20, "as for all");
	q = settings_quota(&s, SLICE("alice@b.example"));
	cr_expect_eq(q.octets, 10);
	q = settings_quota(&s, SLICE("alice"));
	cr_expect_eq(q.octets, 0, "the first local domain's");
	cr_expect_eq(q.messages, 5);
	arena_free(arena);
}

Test(quota, a_domain_goes_in_and_comes_out)
{
	static const struct {
		const char *word, *back; /* NULL: refused */
	} words[] = {
		{ "example.org=500MB", "example.org=500MB" },
		{ "example.org=512M/1000", "example.org=512MiB/1000" },
		{ "example.org=/1000", "example.org=/1000" },
		{ "example.org=0/0", "example.org=none/none" },
		{ "example.org=none", "example.org=none" },
		{ "example.org", NULL },
		{ "example.org=", NULL },
		{ "example.org=/", NULL },
		{ "example.org=1G/", NULL },
		{ "example.org=1X", NULL },
		{ "example.org=1G/x", NULL },
		{ "exa mple=1G", NULL },
		{ "=1G", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct buf b = BUF(256);
		struct domain_quota d;
		int r = quota_parse_domain(slice_of(words[i].word), &d);

		cr_assert_eq(r, words[i].back ? 0 : -EINVAL, "%s",
			     words[i].word);
		if (r == 0)
			cr_assert_eq(quota_format_domain(&b, &d), 0);
		cr_expect(slice_eq(buf_slice(&b),
				   words[i].back ? slice_of(words[i].back)
						 : SLICE("")),
			  "%s", words[i].word);
		buf_done(&b);
	}
}

Test(quota, options_are_replaced_and_others_kept)
{
	static const struct {
		const char *options;
		struct domain_quota set;
		const char *back;
	} changes[] = {
		{ "",
		  { .octets_given = true, .quota = { 1 << 30, 0 } },
		  "quota=1GiB" },
		{ "colour=blue,quota=1,messages=2,bare",
		  { .octets_given = true,
		    .messages_given = true,
		    .quota = { 0, 9 } },
		  "colour=blue,bare,quota=none,messages=9" },
		{ "quota=1, colour=blue",
		  { .octets_given = false },
		  "colour=blue" },
		{ "quota=1", { .messages_given = true }, "messages=none" },
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct buf b = BUF(256);

		cr_assert_eq(quota_write_options(&b,
						 slice_of(changes[i].options),
						 &changes[i].set),
			     0);
		cr_expect(slice_eq(buf_slice(&b), slice_of(changes[i].back)),
			  "%s: %.*s", changes[i].options,
			  SLICE_ARG(buf_slice(&b)));
		buf_done(&b);
	}
}

Test(quota, reads_well)
{
	static const struct {
		struct quota q;
		const char *text;
	} texts[] = {
		{ { 0, 0 }, "none" },
		{ { 1000000000, 0 }, "1 GB" },
		{ { 1001, 1 }, "1001 octets and 1 message" },
		{ { 0, 1000 }, "1000 messages" },
		{ { 1 << 20, 5 }, "1 MiB and 5 messages" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct buf b = BUF(256);

		cr_assert_eq(quota_format(&b, &texts[i].q), 0);
		cr_expect(slice_eq(buf_slice(&b), slice_of(texts[i].text)),
			  "%s: %.*s", texts[i].text, SLICE_ARG(buf_slice(&b)));
		buf_done(&b);
	}
}
