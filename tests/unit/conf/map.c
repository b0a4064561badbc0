/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "base/buf.h"
#include "conf/map.h"

static const struct slice text = SLICE("# a comment\n"
				       "alice: one\n"
				       "Bob : two,\n"
				       "  # a comment in between\n"
				       "\n"
				       "\tthree\r\n"
				       "carol:\n"
				       "alicex: no\n"
				       "dave four\n"
				       ": five\n"
				       "alice: six\n"
				       "eve: a\0b\n"
				       "g\r:x\r\n"
				       "fred: last");

static const struct {
	const char *key;
	int result;
	struct slice value;
	unsigned line;
} rows[] = {
	{ "alice", 1, SLICE("one"), 2 },
	{ "ALICE", 1, SLICE("one"), 2 },
	{ " alice\t", 1, SLICE("one"), 2 },
	{ "bob", 1, SLICE("two, three"), 3 },
	{ "carol", 1, SLICE(""), 7 },
	{ "eve", 1, SLICE("a\0b"), 12 },
	{ "g\r", 1, SLICE("x"), 13 },
	{ "g", 0, SLICE(""), 0 },
	{ "fred", 1, SLICE("last"), 14 },
	{ "alic", 0, SLICE(""), 0 },
	{ "dave", 0, SLICE(""), 0 },
	{ "dave four", 0, SLICE(""), 0 },
	{ "three", 0, SLICE(""), 0 },
	{ "# a comment", 0, SLICE(""), 0 },
	{ "", 0, SLICE(""), 0 },
	{ "fred: last", 0, SLICE(""), 0 },
	{ "zoe", 0, SLICE(""), 0 },
};

Test(map, finds)
{
	struct arena *arena = arena_new(65536);
	struct map *m = NULL;

	cr_assert_eq(map_of_text(text, ':', &m), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice value = SLICE_NONE;
		unsigned line = 0;

		cr_assert_eq(map_find(m, slice_of(rows[i].key), arena, &value,
				      &line),
			     rows[i].result, "%s", rows[i].key);
		cr_assert(slice_eq(value, rows[i].value), "%s", rows[i].key);
		cr_assert_eq(line, rows[i].line, "%s", rows[i].key);
		cr_assert_eq(
			map_find(m, slice_of(rows[i].key), NULL, NULL, NULL),
			rows[i].result);
	}
	map_close(m);
	arena_free(arena);
}

static int note(void *context, unsigned line, struct slice key,
		struct slice value)
{
	cr_assert_eq(buf_printf(context, "%u:%.*s=%.*s|", line, SLICE_ARG(key),
				value.p ? (int)value.n : 1,
				value.p ? value.p : "?"),
		     0);
	return 0;
}

Test(map, walks)
{
	struct buf said = BUF(4096);
	struct map *m = NULL;

	cr_assert_eq(map_of_text(text, ':', &m), 0);
	cr_assert_eq(map_walk(m, note, &said), 0);
	cr_assert_eq(buf_put_byte(&said, '\0'), 0);
	cr_assert_str_eq(said.p,
			 "2:alice=one|3:Bob=two, three|7:carol=|"
			 "8:alicex=no|9:dave four=?|10:: five=?|"
			 "11:alice=six|12:eve=a|13:g\r=x|14:fred=last|");
	buf_done(&said);
	map_close(m);
}

Test(map, a_first_line_that_continues_nothing_is_shown)
{
	struct buf said = BUF(4096);
	struct map *m = NULL;

	cr_assert_eq(map_of_text(SLICE(" x: y\na: b\n"), ':', &m), 0);
	cr_assert_eq(map_walk(m, note, &said), 0);
	cr_assert(slice_eq(buf_slice(&said), SLICE("1:x: y=?|2:a=b|")));
	cr_assert_eq(map_find(m, SLICE("x"), NULL, NULL, NULL), 0);
	buf_done(&said);
	map_close(m);
}

static int stop(void *context, unsigned line, struct slice key,
		struct slice value)
{
	(void)key;
	(void)value;
	*(unsigned *)context = line;
	return -ECANCELED;
}

Test(map, a_walk_can_be_ended)
{
	struct map *m = NULL;
	unsigned line = 0;

	cr_assert_eq(map_of_text(text, ':', &m), 0);
	cr_assert_eq(map_walk(m, stop, &line), -ECANCELED);
	cr_assert_eq(line, 2);
	map_close(m);
}

Test(map, long_lines_are_not_used)
{
	struct arena *arena = arena_new(4 << 20);
	struct buf b = BUF(4 << 20), said = BUF(65536);
	struct slice value;
	struct map *m = NULL;

	cr_assert_eq(buf_put(&b, SLICE("a: ")), 0);
	for (size_t i = 0; i < MAP_LINE_MAX; i++)
		cr_assert_eq(buf_put_byte(&b, 'x'), 0);
	cr_assert_eq(buf_put(&b, SLICE("\nb: c\n")), 0);
	cr_assert_eq(map_of_text(buf_slice(&b), ':', &m), 0);
	cr_assert_eq(map_find(m, SLICE("a"), arena, &value, NULL), -EMSGSIZE);
	cr_assert_eq(map_find(m, SLICE("b"), arena, &value, NULL), 1);
	cr_assert_eq(map_walk(m, note, &said), 0);
	cr_assert_lt(said.n, 200);
	cr_assert(slice_ends(buf_slice(&said), SLICE("=?|2:b=c|")));
	map_close(m);
	buf_done(&b);
	buf_done(&said);
	arena_free(arena);
}

Test(map, long_values_are_not_used)
{
	struct arena *arena = arena_new(4 << 20);
	struct buf b = BUF(4 << 20), said = BUF(65536);
	struct slice value;
	struct map *m = NULL;

	cr_assert_eq(buf_put(&b, SLICE("a:\n")), 0);
	for (size_t i = 0; i <= MAP_VALUE_MAX / 4; i++)
		cr_assert_eq(buf_put(&b, SLICE(" xxx\n")), 0);
	cr_assert_eq(map_of_text(buf_slice(&b), ':', &m), 0);
	cr_assert_eq(map_find(m, SLICE("a"), arena, &value, NULL), -EMSGSIZE);
	cr_assert_eq(map_walk(m, note, &said), 0);
	cr_assert(slice_eq(buf_slice(&said), SLICE("1:a=?|")));
	map_close(m);
	buf_done(&b);
	buf_done(&said);
	arena_free(arena);
}

static const struct {
	const char *text, *key;
	size_t start, end;
} spans[] = {
	{ "a:1\nb:2\nc:3\n", "b", 4, 8 },
	{ "a:1\nb:2\n x\n y\nc:3\n", "b", 4, 14 },
	{ "a:1\nb:2\n# z\n\nc:3\n", "b", 4, 8 },
	{ "a:1\nb:2", "b", 4, 7 },
	{ "b:2\n x", "b", 0, 6 },
};

Test(map, tells_where_an_entry_lies)
{
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		size_t start = 0, end = 0;
		struct map *m = NULL;

		cr_assert_eq(map_of_text(slice_of(spans[i].text), ':', &m), 0);
		cr_assert(map_span(m, slice_of(spans[i].key), &start, &end));
		cr_assert_eq(start, spans[i].start, "row %zu", i);
		cr_assert_eq(end, spans[i].end, "row %zu: %zu", i, end);
		cr_assert_not(map_span(m, SLICE("x"), &start, &end));
		map_close(m);
	}
}

Test(map, opens_files)
{
	char dir[] = "/tmp/postern-map.XXXXXX";
	struct map *m = NULL;
	FILE *f;

	cr_assert(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
	cr_assert_eq(map_open("m", ':', false, &m), -ENOENT);
	cr_assert_eq(map_open("m", ':', true, &m), 0);
	cr_assert_eq(map_find(m, SLICE("a"), NULL, NULL, NULL), 0);
	map_close(m);
	f = fopen("m", "w");
	cr_assert_eq(map_open("m", ':', false, &m), 0);
	cr_assert_eq(map_find(m, SLICE("a"), NULL, NULL, NULL), 0);
	map_close(m);
	(void)fputs("a=b\n", f);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(map_open("m", '=', false, &m), 0);
	cr_assert_eq(rename("m", "n"), 0);
	cr_assert_eq(map_find(m, SLICE("a"), NULL, NULL, NULL), 1);
	map_close(m);
	cr_assert_eq(map_open(".", ':', false, &m), -EINVAL);
	cr_assert_eq(mkfifo("f", 0600), 0);
	cr_assert_eq(map_open("f", ':', false, &m), -EINVAL);
	cr_assert_eq(unlink("n") + unlink("f") + chdir("/") + rmdir(dir), 0);
	map_close(NULL);
}

/* Small ones are read, others mapped: whatever the size, and in its last line
 * that has no end. */
Test(map, finds_in_files_of_any_size)
{
	static const int lines[] = { 1, 3, 584, 585, 586, 5000 };
	char path[] = "/tmp/postern-map.XXXXXX";
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char key[16];
		struct arena *arena = arena_new(4096);
		struct slice value;
		struct map *m = NULL;
		unsigned line;
		FILE *f = fopen(path, "w");

		for (int n = 1; n <= lines[i]; n++)
			(void)fprintf(f, "%sk%05d=v%05d", n > 1 ? "\n" : "", n,
				      n);
		cr_assert_eq(fclose(f), 0);
		cr_assert_eq(map_open(path, '=', false, &m), 0);
		for (int n = 1; n <= lines[i]; n += 83) {
			(void)snprintf(key, sizeof(key), "k%05d", n);
			cr_assert_eq(map_find(m, slice_of(key), arena, &value,
					      &line),
				     1);
			cr_assert_eq(line, n);
			cr_assert_eq(value.p[5] - '0', n % 10);
		}
		(void)snprintf(key, sizeof(key), "k%05d", lines[i]);
		cr_assert_eq(map_find(m, slice_of(key), arena, &value, &line),
			     1);
		cr_assert_eq(value.n, 6);
		cr_assert_eq(map_find(m, SLICE("k99999"), NULL, NULL, NULL), 0);
		map_close(m);
		arena_free(arena);
	}
	cr_assert_eq(close(fd) + unlink(path), 0);
}
