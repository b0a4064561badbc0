/* SPDX-License-Identifier: ISC */
/* How what is known is weighed. Nobody is asked here: what others would say
 * stands in the rows. */
#include <criterion/criterion.h>

#include "trust/stranger.h"

enum { ALLOWED = 1, REFUSED = 2, SUSPECTED = 4, NAMELESS = 8 };

static const struct {
	unsigned known;
	const char *reverse, *helo; /* policies */
	const char *name;           /* said in HELO */
	bool everybody;
	enum advice advice;
	enum advice_reason reason;
} rows[] = {
	{ 0, "no", "no", "x.example", false, ADVICE_PASS, REASON_NONE },
	{ 0, "no", "no", "x.example", true, ADVICE_GREYLIST, REASON_NONE },
	{ NAMELESS, "no", "no", "laptop", false, ADVICE_PASS, REASON_NONE },
	{ REFUSED, "no", "no", "x.example", true, ADVICE_REFUSE, REASON_LIST },
	{ REFUSED | SUSPECTED, "no", "no", "x.example", false, ADVICE_REFUSE,
	  REASON_LIST },
	{ SUSPECTED, "no", "no", "x.example", false, ADVICE_GREYLIST,
	  REASON_LIST },
	{ ALLOWED | REFUSED | SUSPECTED | NAMELESS, "refuse", "refuse",
	  "laptop", true, ADVICE_PASS, REASON_NONE },
	{ NAMELESS, "refuse", "no", "x.example", false, ADVICE_REFUSE,
	  REASON_NAMELESS },
	{ NAMELESS, "greylist", "no", "x.example", false, ADVICE_GREYLIST,
	  REASON_NAMELESS },
	{ 0, "refuse", "no", "x.example", false, ADVICE_PASS, REASON_NONE },
	{ 0, "no", "refuse", "laptop", false, ADVICE_REFUSE, REASON_HELO },
	{ 0, "no", "greylist", "laptop", false, ADVICE_GREYLIST, REASON_HELO },
	{ 0, "no", "refuse", "x.example", false, ADVICE_PASS, REASON_NONE },
	{ SUSPECTED, "no", "refuse", "laptop", false, ADVICE_REFUSE,
	  REASON_HELO },
	{ NAMELESS, "greylist", "refuse", "laptop", true, ADVICE_REFUSE,
	  REASON_HELO },
};

static void set_policies(struct settings *s, size_t i)
{
	s->trust.reverse = slice_of(rows[i].reverse);
	s->trust.helo = slice_of(rows[i].helo);
	s->greylist.everybody = rows[i].everybody;
}

Test(stranger, weighs_what_is_known)
{
	const struct dns_list list = { SLICE("l.example"), SLICE_NONE };
	struct arena *arena = arena_new(1 << 20);
	struct settings settings;

	cr_assert_eq(settings_default(arena, &settings), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stranger s = {
			.settings = &settings,
			.arena = arena,
			.inquiry = {
				.allowed = rows[i].known & ALLOWED ? &list
								   : NULL,
				.refused = rows[i].known & REFUSED ? &list
								   : NULL,
				.suspected = rows[i].known & SUSPECTED ? &list
								       : NULL,
				.nameless = rows[i].known & NAMELESS,
				.reason = SLICE("for spam"),
			},
		};
		struct opinion o;

		set_policies(&settings, i);
		cr_assert_eq(peer_parse(SLICE("192.0.2.1"), &s.peer), 0);
		o = stranger_judge(&s, &s.peer, slice_of(rows[i].name));
		cr_assert_eq(o.advice, rows[i].advice, "row %zu", i);
		cr_assert_eq(o.reason, rows[i].reason, "row %zu", i);
		if (o.reason == REASON_LIST)
			cr_assert(slice_eq(o.detail,
					   SLICE("l.example: for spam")));
	}
	arena_free(arena);
}

Test(stranger, another_peer_is_another_question)
{
	const struct dns_list list = { SLICE("l.example"), SLICE_NONE };
	struct arena *arena = arena_new(1 << 20);
	struct settings settings;
	struct stranger s = { .settings = &settings,
			      .arena = arena_new(1 << 16),
			      .inquiry = { .refused = &list } };
	struct peer a, b;

	cr_assert_eq(settings_default(arena, &settings), 0);
	cr_assert_eq(peer_parse(SLICE("192.0.2.1"), &a), 0);
	cr_assert_eq(peer_parse(SLICE("192.0.2.2"), &b), 0);
	s.peer = a;
	cr_assert_eq(stranger_judge(&s, &a, SLICE("x.example")).advice,
		     ADVICE_REFUSE);
	cr_assert_eq(stranger_judge(&s, &b, SLICE("x.example")).advice,
		     ADVICE_PASS);
	stranger_close(&s);
	arena_free(arena);
}

Test(stranger, nothing_is_wanted_by_default)
{
	struct arena *arena = arena_new(1 << 20);
	struct settings settings;

	cr_assert_eq(settings_default(arena, &settings), 0);
	cr_assert_not(stranger_wanted(&settings));
	for (size_t i = 1; i < ARRAY_LEN(rows); i++) {
		bool want = rows[i].everybody || rows[i].reverse[0] != 'n' ||
			    rows[i].helo[0] != 'n';

		set_policies(&settings, i);
		cr_assert_eq(stranger_wanted(&settings), want, "row %zu", i);
	}
	arena_free(arena);
}
