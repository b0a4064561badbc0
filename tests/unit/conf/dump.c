/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/ini.h"
#include "conf/table.h"
#include "conf/value.h"

struct back {
	struct arena *arena;
	struct settings settings;
	size_t n;
};

static void on_entry(void *context, struct ini_place at, struct slice section,
		     struct slice key, struct slice value)
{
	struct back *b = context;
	const struct setting *s = &settings_table[b->n++];

	(void)at;
	cr_assert(slice_eq(section, slice_of(s->section)), "%s", s->key);
	cr_assert(slice_eq(key, slice_of(s->key)), "%s", s->key);
	cr_assert_eq(value_parse(s, value, b->arena, &b->settings), 0, "%s",
		     s->key);
}

static void on_trouble(void *context, struct ini_place at, const char *what,
		       const char *remedy)
{
	(void)context;
	cr_assert_fail("line %u: %s: %s", at.line, what, remedy);
}

Test(dump, can_be_read_back)
{
	for (int help = 0; help < 2; help++) {
		struct back back = { .arena = arena_new(65536) };
		struct buf first = BUF(65536), second = BUF(65536);
		struct settings s;

		cr_assert_eq(settings_default(back.arena, &s), 0);
		cr_assert_eq(settings_dump(&s, help, &first), 0);
		cr_assert_eq(ini_read_text("dump", buf_slice(&first), on_entry,
					   on_trouble, &back),
			     0);
		cr_assert_eq(back.n, settings_table_n);
		cr_assert_eq(settings_dump(&back.settings, help, &second), 0);
		cr_assert(slice_eq(buf_slice(&first), buf_slice(&second)));
		buf_done(&first);
		buf_done(&second);
		arena_free(back.arena);
	}
}

/* "key = value": one word, which cannot be broken; how long a path is, whoever
 * configured the build has said. */
static bool is_one_path(struct slice line)
{
	size_t at = slice_find(line, '/');

	return at < line.n && line.p[0] != '#' &&
	       slice_find(slice_from(line, at), ' ') == line.n - at;
}

Test(dump, keeps_to_eighty_columns)
{
	struct arena *arena = arena_new(65536);
	struct buf b = BUF(65536);
	struct slice rest, line;
	struct settings s;

	cr_assert_eq(settings_default(arena, &s), 0);
	cr_assert_eq(settings_dump(&s, true, &b), 0);
	rest = buf_slice(&b);
	while (slice_field(&rest, '\n', &line))
		cr_assert(line.n <= 80 || is_one_path(line), "%.*s",
			  SLICE_ARG(line));
	buf_done(&b);
	arena_free(arena);
}
