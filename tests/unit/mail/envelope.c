/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "mail/envelope.h"

Test(envelope, grows_and_keeps)
{
	struct arena *arena = arena_new(1 << 20);
	struct envelope env = { .n_to = 0 };

	for (unsigned i = 0; i < 1000; i++) {
		struct recipient *to = envelope_add(&env, arena);

		cr_assert(to);
		cr_assert(to == &env.to[i] && env.n_to == i + 1);
		cr_assert(to->attempts == 0 && to->address.n == 0);
		to->attempts = i;
	}
	for (unsigned i = 0; i < 1000; i++)
		cr_assert_eq(env.to[i].attempts, i);
	/* one that was taken back leaves nothing to the next */
	env.n_to--;
	cr_expect_eq(envelope_add(&env, arena)->attempts, 0);
	arena_free(arena);
}

Test(envelope, is_as_it_was_without_memory)
{
	struct arena *arena = arena_new(8 * sizeof(struct recipient));
	struct envelope env = { .n_to = 0 };
	size_t n;

	while (envelope_add(&env, arena))
		cr_assert_lt(env.n_to, 100);
	n = env.n_to;
	cr_expect_gt(n, 0);
	cr_expect_null(envelope_add(&env, arena));
	cr_expect_eq(env.n_to, n);
	arena_free(arena);
}

Test(envelope, counts_what_is_pending)
{
	struct recipient to[] = {
		{ .state = RECIPIENT_PENDING },
		{ .state = RECIPIENT_FAILED },
		{ .state = RECIPIENT_RELAYED },
		{ .state = RECIPIENT_PENDING },
		{ .state = RECIPIENT_EXPANDED },
		{ .state = RECIPIENT_DELIVERED },
	};
	struct envelope env = { .to = to, .n_to = ARRAY_LEN(to) };

	cr_expect_eq(envelope_pending(&env), 2);
	env.n_to = 0;
	cr_expect_eq(envelope_pending(&env), 0);
}
