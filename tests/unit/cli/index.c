/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "cli/check.h"
#include "conf/map_index.h"
#include "stage.h"

#define LINES 20000

/* A users file larger than an index is made for. */
static void write_large(void)
{
	struct buf table = BUF(LINES * 12);

	for (size_t i = 0; i < LINES; i++)
		cr_assert_eq(buf_printf(&table, "u%zu:!:\n", i), 0);
	cr_assert_eq(buf_put_byte(&table, '\0'), 0);
	cr_assert_gt(table.n, MAP_INDEX_LEAST);
	stage_write("users", table.p);
	buf_done(&table);
}

static unsigned doubts(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct report r = { .out = tmpfile() };
	struct settings s;

	cr_assert_eq(settings_read("conf", arena, NULL, NULL, &s), 0);
	check_tables(&s, &r);
	cr_assert_eq(r.broken, 0);
	cr_assert_eq(fclose(r.out), 0);
	arena_free(arena);
	return r.doubtful;
}

static void expect(const char *said)
{
	static struct stage s;

	cr_assert_eq(stage_run(&s, cli_index, "", "index", NULL), CLI_OK);
	if (*said)
		cr_assert(strstr(s.out, said), "%s%s", s.out, s.err);
	else
		cr_assert_str_eq(s.out, "");
	cr_assert_str_eq(s.err, "");
}

Test(index, comes_and_goes_with_the_table, .init = stage_enter,
     .fini = stage_leave)
{
	static struct stage s;

	expect("");
	stage_write("users", "alice:!:\n");
	expect("");
	cr_expect_eq(doubts(), 0, "a small table");
	write_large();
	cr_expect_eq(doubts(), 1, "no index");
	expect("made ");
	cr_expect_eq(doubts(), 0);
	expect("");
	cr_assert_eq(stage_run(&s, cli_user, "", "user", "add", "--no-login",
			       "alice", NULL),
		     CLI_OK);
	cr_expect_eq(doubts(), 0, "user has not renewed it");
	write_large();
	cr_expect_eq(doubts(), 1, "it does not fit");
	stage_write("users", "alice:!:\n");
	expect("removed ");
	expect("");
}

Test(index, takes_no_words, .init = stage_enter, .fini = stage_leave)
{
	static struct stage s;

	cr_expect_eq(stage_run(&s, cli_index, "", "index", "x", NULL),
		     CLI_USAGE);
	cr_expect_eq(stage_run(&s, cli_index, "", "index", "--help", NULL),
		     CLI_OK);
	cr_expect(strstr(s.out, "Usage: postern index"), "%s", s.out);
}
