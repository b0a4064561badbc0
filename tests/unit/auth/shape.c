/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/scram.h"
#include "tests/unit/scratch.h"

TestSuite(shape, .init = scratch_new, .fini = scratch_done);

static void put(FILE *f, const char *name, const char *hash,
		uint64_t iterations, size_t salt_n)
{
	struct scram_keys k = { .iterations = iterations, .salt_n = salt_n };
	char text[SCRAM_TEXT_MAX];

	scram_format(&k, text);
	(void)fprintf(f, "%s:%s:%s\n", name, hash, text);
}

static uint64_t picked(uint32_t point)
{
	struct scram_shape s = { 1, 1 };

	scram_shape_pick(scratch_path, point, &s);
	cr_assert_eq(s.salt_n, s.iterations == 4096 ? 64
			       : s.iterations == 1  ? 1
						    : 16);
	return s.iterations;
}

Test(shape, each_as_often_as_it_stands_there)
{
	FILE *f = fopen(scratch_path, "w");
	unsigned few = 0;

	put(f, "a", "", 100000, 16);
	put(f, "b", "$y$", 4096, 64);
	(void)fputs("c:$y$\n# no line\nd:$y$:junk\n", f);
	put(f, "e", "$y$", 100000, 16);
	put(f, "f", "$y$", 100000, 16);
	cr_assert_eq(fclose(f), 0);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t rounds = picked((uint32_t)((i << 32) / 1000));

		cr_assert(rounds == 4096 || rounds == 100000);
		few += rounds == 4096;
	}
	cr_assert_eq(few, 250);
	cr_assert_eq(picked(0), 4096);
	cr_assert_eq(picked(UINT32_MAX), 100000);
}

Test(shape, where_there_is_none_it_is_left_alone)
{
	FILE *f = fopen(scratch_path, "w");

	(void)fputs("a:$y$:\nb:$y$\n", f);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(picked(7), 1);
	scratch_done();
	cr_assert_eq(picked(7), 1);
}

Test(shape, many_kinds_and_lines_are_bounded)
{
	FILE *f = fopen(scratch_path, "w");

	for (unsigned i = 0; i < SHAPE_LINES; i++)
		put(f, "a", "", 100000 + i % 40, 16);
	put(f, "z", "", 9000000, 16);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(picked(0), 100000);
	cr_assert_eq(picked(UINT32_MAX), 100015);
}
