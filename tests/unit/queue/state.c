/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "queue/format.h"

static const struct recipient before = {
	.state = RECIPIENT_PENDING,
	.attempts = 9,
	.status = { "4.4.1", 5 },
	.remote = { "mx1.example.net", 15 },
	.detail = { "connection refused \\ by \n us", 27 },
};
static const struct recipient after = {
	.state = RECIPIENT_FAILED,
	.warned = true,
	.reported = true,
	.attempts = 10,
	.status = { "5.1.1", 5 },
	.remote = { "a-much-longer-name.example.net", 30 },
	.detail = { "no such user", 12 },
};

/* Part new, part old, wherever it came apart: one or the other. */
Test(state, a_torn_line_still_says_one_thing)
{
	char old[QUEUE_STATE_BYTES], new[QUEUE_STATE_BYTES];

	queue_state_format(&before, old);
	queue_state_format(&after, new);
	for (size_t n = 0; n <= QUEUE_STATE_BYTES; n++)
		for (int turn = 0; turn < 2; turn++) {
			struct arena *arena = arena_new(1 << 16);
			struct recipient r = { .slot = 3 };
			char torn[QUEUE_STATE_BYTES];

			memcpy(torn, turn ? old : new, sizeof(torn));
			memcpy(torn, turn ? new : old, n);
			cr_assert_eq(
				queue_state_parse(
					(struct slice){ torn, sizeof(torn) },
					arena, &r),
				0, "torn at %zu", n);
			cr_assert(r.state == RECIPIENT_PENDING ||
				  r.state == RECIPIENT_FAILED);
			cr_assert_eq(r.slot, 3);
			arena_free(arena);
		}
}

Test(state, long_texts_are_cut_at_a_character)
{
	char detail[1000], line[QUEUE_STATE_BYTES];
	struct arena *arena = arena_new(1 << 16);
	struct recipient r = { .detail = { detail, sizeof(detail) } };
	struct recipient back = { 0 };

	memset(detail, '\n', sizeof(detail));
	queue_state_format(&r, line);
	cr_assert_eq(line[QUEUE_STATE_BYTES - 1], '\n');
	cr_assert_eq(queue_state_parse((struct slice){ line, sizeof(line) },
				       arena, &back),
		     0);
	cr_assert_gt(back.detail.n, 30);
	for (size_t i = 0; i < back.detail.n; i++)
		cr_assert_eq(back.detail.p[i], '\n');
	arena_free(arena);
}

Test(state, what_is_no_state_is_refused)
{
	char line[QUEUE_STATE_BYTES];
	struct arena *arena = arena_new(1 << 16);
	struct recipient r = { 0 };
	struct slice all = { line, sizeof(line) };

	queue_state_format(&before, line);
	cr_assert_eq(queue_state_parse(slice_upto(all, 255), arena, &r),
		     -EBADMSG);
	line[2] = 'x';
	cr_assert_eq(queue_state_parse(all, arena, &r), -EBADMSG);
	line[2] = 'p';
	line[30] = 'x';
	cr_assert_eq(queue_state_parse(all, arena, &r), -EBADMSG);
	line[30] = '0';
	line[100] = '\n';
	cr_assert_eq(queue_state_parse(all, arena, &r), -EBADMSG);
	arena_free(arena);
}
