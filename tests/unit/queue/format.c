/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "queue/format.h"

static const struct slice nasty[] = {
	{ "", 0 },
	{ "plain", 5 },
	{ "a\nto: <x@y>\n\n", 13 },
	{ "\0nul\0", 5 },
	{ "> <>", 4 },
	{ "back\\slash \\x41", 15 },
	{ "gr\303\274\303\237e", 8 },
	{ "\377\200\303", 3 },
	{ " blanks ", 8 },
	{ "\r\t\033[31m", 7 },
	{ "-", 1 },
};

static void same(struct slice a, struct slice b, size_t row, const char *what)
{
	cr_assert(slice_eq(a, b), "row %zu, %s: '%.*s'", row, what,
		  SLICE_ARG(b));
}

Test(format, nasty_values_come_back)
{
	for (size_t i = 0; i < ARRAY_LEN(nasty); i++) {
		struct slice v = nasty[i];
		struct arena *arena = arena_new(1 << 20);
		struct buf b = BUF(QUEUE_HEAD_MAX);
		struct recipient to[2] = {
			{ .address = v,
			  .orcpt = v,
			  .original = v,
			  .notify = DSN_SUCCESS | DSN_DELAY,
			  .final = true,
			  .state = RECIPIENT_RELAYED,
			  .warned = true,
			  .attempts = 12,
			  .detail = v },
			{ .address = SLICE("b@c") },
		};
		struct envelope env = {
			.from = v,
			.envid = v,
			.peer = v,
			.login = v,
			.id = SLICE("id"),
			.ret = DSN_RET_HDRS,
			.eight_bit = true,
			.smtputf8 = true,
			.requiretls = i % 2 == 0,
			.tls_optional = i % 2 == 1,
			.arrived_us = 1795418103123456,
			.to = to,
			.n_to = 2,
			.octets = 77,
		};
		struct envelope back;
		size_t length = 0;

		cr_assert_eq(queue_format(&b, &env), 0);
		cr_assert_eq(buf_put(&b, SLICE("To: x\n\nbody")), 0);
		cr_assert_eq(queue_parse(buf_slice(&b), arena, &back, &length),
			     0, "row %zu:\n%.*s", i, (int)b.n, b.p);
		cr_assert_eq(length, b.n - 11);
		same(v, back.from, i, "from");
		same(v, back.envid, i, "envid");
		same(v, back.peer, i, "peer");
		same(v, back.login, i, "login");
		cr_assert_eq(back.n_to, 2);
		same(v, back.to[0].address, i, "address");
		same(v, back.to[0].orcpt, i, "orcpt");
		same(v, back.to[0].original, i, "original");
		same(v, back.to[0].detail, i, "detail");
		cr_assert_eq(back.to[0].notify, DSN_SUCCESS | DSN_DELAY);
		cr_assert(back.to[0].final && !back.to[1].final);
		cr_assert_eq(back.to[0].state, RECIPIENT_RELAYED);
		cr_assert(back.to[0].warned && !back.to[0].reported);
		cr_assert_eq(back.to[0].attempts, 12);
		cr_assert_eq(back.to[0].slot, to[0].slot);
		cr_assert_eq(back.to[1].slot, to[1].slot);
		cr_assert_eq(back.arrived_us, env.arrived_us);
		cr_assert_eq(back.octets, 77);
		cr_assert_eq(back.ret, DSN_RET_HDRS);
		cr_assert(back.eight_bit && back.smtputf8);
		cr_assert_eq(back.requiretls, env.requiretls);
		cr_assert_eq(back.tls_optional, env.tls_optional);
		buf_done(&b);
		arena_free(arena);
	}
}

/* Every cut of a good envelope is refused, none is misread. */
Test(format, a_cut_envelope_is_refused)
{
	struct recipient to = { .address = SLICE("b@c") };
	struct envelope env = {
		.from = SLICE("a@b"), .id = SLICE("id"), .to = &to, .n_to = 1
	};
	struct buf b = BUF(QUEUE_HEAD_MAX);

	cr_assert_eq(queue_format(&b, &env), 0);
	for (size_t n = 0; n < b.n; n++) {
		struct arena *arena = arena_new(1 << 20);
		struct envelope back;
		size_t length;

		cr_assert_eq(queue_parse(slice_upto(buf_slice(&b), n), arena,
					 &back, &length),
			     -EBADMSG, "cut at %zu", n);
		arena_free(arena);
	}
	buf_done(&b);
}

Test(format, lines_out_of_place_are_refused)
{
	static const char *const heads[] = {
		"",
		"octets: 00000000000000000001\n",
		"colour: red\n",
		"ret: perhaps\n",
		"from: alice@example.org\n",
		"peer: \\q\n",
		"to: <b@c> final\n",
		"to: <b@c> notify=often\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct buf b = BUF(1 << 16);
		struct envelope env;
		size_t length;

		cr_assert_eq(buf_printf(&b,
					QUEUE_MAGIC
					"octets: 00000000000000000001\n"
					"id: x\narrived: (1)\n%s%s\n",
					i ? "from: <>\n" : "", heads[i]),
			     0);
		cr_assert_eq(queue_parse(buf_slice(&b), arena, &env, &length),
			     -EBADMSG, "%s", heads[i]);
		buf_done(&b);
		arena_free(arena);
	}
}
