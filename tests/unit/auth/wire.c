/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/wire.h"

Test(wire, a_hello_comes_back)
{
	struct wire_request q = {
		.verb = WIRE_HELLO,
		.scene = { SLICE("smtp"), SLICE("192.0.2.1"), SLICE("a b\n"),
			   true, false, SLICE("\0\1"), SLICE("") },
	};
	struct wire_request back;
	struct arena *arena = arena_new(65536);
	struct buf b = BUF(AUTH_WIRE_MAX);

	cr_assert_eq(wire_put_request(&b, &q), 0);
	cr_assert_eq(slice_find(buf_slice(&b), '\n'), b.n - 1);
	cr_assert_eq(
		wire_request(slice_upto(buf_slice(&b), b.n - 1), arena, &back),
		0);
	cr_assert(slice_eq(back.scene.session, SLICE("a b\n")));
	cr_assert(slice_eq(back.scene.binding, SLICE("\0\1")));
	cr_assert(back.scene.plaintext && !back.scene.tls);
	cr_assert_eq(back.scene.external.n, 0);
	buf_done(&b);
	arena_free(arena);
}

Test(wire, what_is_no_request_is_refused)
{
	static const char *const rows[] = {
		"",          "HELO",        "BEGIN",        "BEGIN ",
		"CANCEL x",  "PASSWORD",    "PASSWORD a",   "PASSWORD a b c",
		"HELLO tls", "HELLO tls=2", "HELLO peer=!", "PASSWORD ! =",
	};
	struct arena *arena = arena_new(65536);
	struct wire_request q;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_assert_eq(wire_request(slice_of(rows[i]), arena, &q),
			     -EINVAL, "%s", rows[i]);
	arena_free(arena);
}

Test(wire, a_step_comes_back_and_a_strange_one_does_not)
{
	static const char *const rows[] = {
		"",          "MAYBE",           "YES",      "YES YQ==",
		"YES = = =", "YES YQ== Li4= =", "MORE a b", "YES YQ== YQ== = =",
	};
	const struct user user = { SLICE("alice"), SLICE(""), SLICE("a/b"),
				   SLICE("quota=1") };
	struct arena *arena = arena_new(65536);
	struct buf b = BUF(AUTH_WIRE_MAX);
	struct user back;
	struct slice text;
	enum auth_step step;

	cr_assert_eq(wire_put_step(&b, AUTH_STEP_YES, SLICE(""), &user), 0);
	cr_assert_eq(wire_step(slice_upto(buf_slice(&b), b.n - 1), arena, &step,
			       &text, &back),
		     0);
	cr_assert_eq(step, AUTH_STEP_YES);
	cr_assert(slice_eq(back.mailbox, SLICE("a/b")));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_assert_eq(wire_step(slice_of(rows[i]), arena, &step, &text,
				       &back),
			     -EINVAL, "%s", rows[i]);
	buf_done(&b);
	arena_free(arena);
}
