/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "route/targets.h"

Test(targets, kinds)
{
	static const struct {
		const char *value;
		enum target_kind kind;
		const char *text;
		const char *rest;
	} rows[] = {
		{ "alice", TARGET_ADDRESS, "alice", "" },
		{ " , ,alice , bob", TARGET_ADDRESS, "alice", " bob" },
		{ "\"a, b\"@x.example, c", TARGET_ADDRESS, "\"a, b\"@x.example",
		  " c" },
		{ "\"a\\\", b\"@x.example", TARGET_ADDRESS,
		  "\"a\\\", b\"@x.example", "" },
		{ "\\alice", TARGET_FINAL, "alice", "" },
		{ ":include:/etc/list", TARGET_INCLUDE, "/etc/list", "" },
		{ ":Include: /etc/list", TARGET_INCLUDE, "/etc/list", "" },
		{ ":fail: gone", TARGET_SPECIAL, "fail: gone", "" },
		{ "|cat", TARGET_COMMAND, "cat", "" },
		{ "\"|cat a, b\"", TARGET_COMMAND, "cat a, b", "" },
		{ "/dev/null", TARGET_FILE, "/dev/null", "" },
		{ "\"open, alice", TARGET_BAD, "\"open, alice", "" },
	};
	struct target t;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice rest = slice_of(rows[i].value);

		cr_assert(target_next(&rest, &t), "row %zu", i);
		cr_expect_eq(t.kind, rows[i].kind, "row %zu", i);
		cr_expect(slice_eq(t.text, slice_of(rows[i].text)),
			  "row %zu: %.*s", i, SLICE_ARG(t.text));
		cr_expect(slice_eq(rest, slice_of(rows[i].rest)), "row %zu", i);
	}
	cr_expect_not(target_next(&SLICE(" , "), &t));
	cr_expect_not(target_next(&SLICE(""), &t));
}
