/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/arena.h"

Test(arena, capped_aligned_zeroed)
{
	struct arena *a = arena_new(10000);
	size_t given = 0;
	char *p;

	while ((p = arena_alloc(a, 100)) != NULL) {
		cr_assert_eq((uintptr_t)p % sizeof(void *), 0);
		for (int i = 0; i < 100; i++)
			cr_assert_eq(p[i], 0);
		memset(p, 'x', 100);
		given += 100;
	}
	cr_assert_geq(given, 8000);
	cr_assert_leq(given, 10000);
	cr_assert_leq(arena_used(a), 10000);
	arena_reset(a);
	cr_assert_eq(arena_used(a), 0);
	cr_assert_not_null(arena_alloc(a, 9000));
	cr_assert_null(arena_alloc(a, SIZE_MAX));
	arena_free(a);
	arena_free(NULL);
}

Test(arena, copies_end_in_nul)
{
	struct arena *a = arena_new(1000);
	struct slice s = arena_copy(a, SLICE("a\0b"));

	cr_assert_eq(s.n, 3);
	cr_assert_eq(s.p[3], '\0');
	cr_assert(slice_eq(arena_printf(a, "%d-%s", 7, "x"), SLICE("7-x")));
	cr_assert_not_null(arena_copy(a, SLICE_NONE).p);
	cr_assert_null(arena_copy(a, (struct slice){ "", SIZE_MAX }).p);
	arena_free(a);
}
