/* SPDX-License-Identifier: ISC */
/* With an index and without, a table answers the same. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "conf/map.h"
#include "conf/map_index_file.h"

static char place[] = "/tmp/postern-index-XXXXXX";

static void enter(void)
{
	cr_assert(mkdtemp(place) && chdir(place) == 0);
}

static void leave(void)
{
	static const char *const names[] = { "t", "t.index", "old",
					     "elsewhere" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(names[i]); /* most are not there */
	cr_assert_eq(rmdir(place), 0);
}

TestSuite(map_index, .init = enter, .fini = leave);

#define TABLE_MAX (4U << 20)

static uint64_t dice = 42;

static size_t roll(size_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (size_t)(dice >> 33) % sides;
}

/* ---- tables ---- */

static void put(struct slice text)
{
	int fd = open("t", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	cr_assert_geq(fd, 0);
	cr_assert_eq(file_write(fd, text), 0);
	cr_assert_eq(close(fd), 0);
}

static const char *const shapes[] = {
	"k%zu: v%zu\n",
	"K%zu : v%zu\r\n",
	"k%zu\t:\n",
	"# k%zu: %zu\n",
	" k%zu: goes on %zu\n",
	"\tk%zu %zu\r\n",
	"k%zu %zu\n",
	": k%zu %zu\n",
	"\n",
	"  # k%zu: %zu\n",
	"k%zu:%zu:more\n",
	"k%zu\r: %zu\n",
	"k%zu k%zu: inner\n",
	"\r\n",
	"k%zu: %zu: \n\n",
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
static void odd_line(struct buf *b, size_t keys)
{
	char line[128];
	int n = snprintf(line, sizeof(line), shapes[roll(ARRAY_LEN(shapes))],
			 roll(keys), roll(1000));

	cr_assert_eq(buf_put(b, (struct slice){ line, (size_t)n }), 0);
}
#pragma GCC diagnostic pop

static void odd_table(struct buf *b, size_t keys)
{
	buf_reset(b);
	while (b->n < MAP_INDEX_LEAST + 1000) {
		odd_line(b, keys);
		if (roll(2000) == 0) {
			cr_assert_eq(buf_printf(b, "long%zu: ", roll(5)), 0);
			for (size_t i = MAP_LINE_MAX - 20 + roll(40); i > 0;
			     i--)
				cr_assert_eq(buf_put_byte(b, 'x'), 0);
			cr_assert_eq(buf_put_byte(b, '\n'), 0);
		}
		if (roll(500) == 0)
			cr_assert_eq(buf_put(b, SLICE("nul\0k: a\0b\n")), 0);
	}
	if (roll(2) == 0)
		cr_assert_eq(buf_put(b, SLICE("LAST: no newline")), 0);
	put(buf_slice(b));
}

static void plain_table(struct buf *b, size_t n)
{
	buf_reset(b);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(buf_printf(b, "user%zu: box%zu\n", i, i), 0);
	put(buf_slice(b));
}

static enum map_index_made made(void)
{
	enum map_index_made m = MAP_INDEX_NONE;

	cr_assert_eq(map_index_make("t", ':', &m), 0);
	return m;
}

static bool is_indexed(void)
{
	struct map *m = NULL;
	bool yes;

	cr_assert_eq(map_open("t", ':', false, &m), 0);
	yes = map_is_indexed(m);
	map_close(m);
	return yes;
}

/* ---- the same answers ---- */

struct both {
	struct map *scan, *index;
	struct arena *arena;
};

static void begin(struct both *b, struct slice text)
{
	*b = (struct both){ .arena = arena_new(8U << 20) };
	cr_assert_eq(map_of_text(text, ':', &b->scan), 0);
	cr_assert_eq(map_open("t", ':', false, &b->index), 0);
}

static void end(struct both *b)
{
	map_close(b->scan);
	map_close(b->index);
	arena_free(b->arena);
}

static void same(struct both *b, struct slice key)
{
	struct slice x = SLICE_NONE, y = SLICE_NONE;
	size_t xs = 0, xe = 0, ys = 0, ye = 0;
	unsigned xn = 0, yn = 0;

	arena_reset(b->arena);
	cr_assert_eq(map_find(b->scan, key, b->arena, &x, &xn),
		     map_find(b->index, key, b->arena, &y, &yn), "%.*s",
		     SLICE_ARG(key));
	cr_assert_eq(xn, yn, "%.*s: %u %u", SLICE_ARG(key), xn, yn);
	cr_assert(slice_eq(x, y), "%.*s", SLICE_ARG(key));
	cr_assert_eq(map_span(b->scan, key, &xs, &xe),
		     map_span(b->index, key, &ys, &ye));
	cr_assert(xs == ys && xe == ye, "%.*s", SLICE_ARG(key));
}

static void same_named(struct both *b, const char *form, size_t number)
{
	char key[64];
	int n = snprintf(key, sizeof(key), "%s%zu", form, number);

	same(b, (struct slice){ key, (size_t)n });
}

static const struct slice odd_keys[] = {
	SLICE("last"),  SLICE("nul\0k"), SLICE("nul"), SLICE(""),
	SLICE("# k1"),  SLICE(":"),      SLICE(" "),   SLICE("k1:1"),
	SLICE("k1:1:"), SLICE("k3\r"),   SLICE("\r"),  SLICE("k1 k2"),
};

static void same_for_all(struct both *b, size_t keys)
{
	static const char *const forms[] = { "k",      "K",    " k", "long",
					     "absent", "k1 k", "k\t" };

	for (size_t i = 0; i < keys + 20; i++)
		for (size_t f = 0; f < ARRAY_LEN(forms); f++)
			same_named(b, forms[f], i);
	for (size_t i = 0; i < ARRAY_LEN(odd_keys); i++)
		same(b, odd_keys[i]);
}

Test(map_index, answers_as_a_scan)
{
	struct buf text = BUF(TABLE_MAX);
	struct both b;

	for (size_t round = 0; round < 8; round++) {
		const size_t keys = round < 4 ? 30 : 2000;

		odd_table(&text, keys);
		cr_assert_eq(made(), MAP_INDEX_MADE);
		begin(&b, buf_slice(&text));
		cr_assert(map_is_indexed(b.index));
		same_for_all(&b, keys < 100 ? keys : 100);
		end(&b);
	}
	buf_done(&text);
}

Test(map_index, finds_each_of_many)
{
	struct buf text = BUF(TABLE_MAX);
	struct both b;

	plain_table(&text, 30000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	begin(&b, buf_slice(&text));
	for (size_t i = 0; i < 30000; i++) {
		char key[32];
		unsigned line = 0;
		int n = snprintf(key, sizeof(key), "User%zu", i);

		cr_assert_eq(map_find(b.index, (struct slice){ key, (size_t)n },
				      NULL, NULL, &line),
			     1);
		cr_assert_eq(line, i + 1);
	}
	end(&b);
	buf_done(&text);
}

/* It is asked at all, and the scan is not: damage what only a scan reads. */
Test(map_index, does_not_scan)
{
	struct buf text = BUF(TABLE_MAX);
	struct map_index ix = { .file = -1 };
	struct stat st;
	size_t start;
	unsigned line;

	plain_table(&text, 10000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	cr_assert_eq(stat("t", &st), 0);
	cr_assert(map_index_fits(map_index_open("t", &st), &st, ':', &ix));
	cr_assert_eq(map_index_find(&ix, buf_slice(&text), ':',
				    SLICE("user9999"), &start, &line),
		     MAP_INDEX_FOUND);
	cr_assert_eq(line, 10000);
	cr_assert_eq(map_index_find(&ix, buf_slice(&text), ':', SLICE("nobody"),
				    &start, &line),
		     MAP_INDEX_ABSENT);
	cr_assert_eq(map_index_find(&ix, buf_slice(&text), ':', SLICE("a:b"),
				    &start, &line),
		     MAP_INDEX_UNSURE);
	/* the line counts, not what the index says of it */
	memcpy(text.p, "xxxx", 4);
	cr_assert_eq(map_index_find(&ix, buf_slice(&text), ':', SLICE("user0"),
				    &start, &line),
		     MAP_INDEX_ABSENT);
	/* where a line began is none now */
	text.p[12] = ' ';
	cr_assert_eq(map_index_find(&ix, buf_slice(&text), ':', SLICE("user1"),
				    &start, &line),
		     MAP_INDEX_UNSURE);
	file_close(&ix.file);
	buf_done(&text);
}

/* ---- making ---- */

Test(map_index, is_made_when_needed)
{
	struct buf text = BUF(TABLE_MAX);
	struct stat table, st;

	cr_assert_eq(made(), MAP_INDEX_NONE); /* no table */
	put(SLICE("a: b\n"));
	cr_assert_eq(made(), MAP_INDEX_NONE);
	plain_table(&text, 10000);
	cr_assert_eq(map_index_renew("t", ':'), 0);
	cr_assert_eq(access("t.index", F_OK), -1);
	cr_assert_eq(chmod("t", 0660), 0);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	cr_assert_eq(made(), MAP_INDEX_FITS);
	cr_assert(is_indexed());
	cr_assert_eq(stat("t", &table), 0);
	cr_assert_eq(stat("t.index", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0640);
	cr_assert(st.st_uid == table.st_uid && st.st_gid == table.st_gid);
	plain_table(&text, 9000);
	cr_assert_not(is_indexed());
	cr_assert_eq(map_index_renew("t", ':'), 0);
	cr_assert(is_indexed());
	put(SLICE("a: b\n"));
	cr_assert_eq(made(), MAP_INDEX_REMOVED);
	cr_assert_eq(access("t.index", F_OK), -1);
	buf_done(&text);
}

/* One key in each line, and none in any. */
Test(map_index, takes_lines_of_one_kind)
{
	static const char *const kinds[] = { "same: x\n", "# nothing\n" };
	struct buf text = BUF(TABLE_MAX);
	struct both b;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		buf_reset(&text);
		while (text.n < MAP_INDEX_LEAST)
			cr_assert_eq(buf_put(&text, slice_of(kinds[i])), 0);
		put(buf_slice(&text));
		cr_assert_eq(made(), MAP_INDEX_MADE);
		begin(&b, buf_slice(&text));
		cr_assert(map_is_indexed(b.index));
		same(&b, SLICE("same"));
		same(&b, SLICE("other"));
		end(&b);
	}
	buf_done(&text);
}

/* ---- whose it is ---- */

/* A change in place, of the same size, right behind the making: its ctime is
 * another, for the index was not made before the clock had moved on. */
Test(map_index, a_change_within_a_tick_is_told)
{
	struct buf text = BUF(TABLE_MAX);

	for (unsigned i = 0; i < 5; i++) {
		int fd;

		plain_table(&text, 10000);
		cr_assert_eq(made(), MAP_INDEX_MADE);
		fd = open("t", O_WRONLY | O_CLOEXEC);
		cr_assert_eq(file_write(fd, SLICE("uSer")), 0);
		cr_assert_not(is_indexed());
		cr_assert_eq(close(fd), 0);
	}
	buf_done(&text);
}

Test(map_index, another_table_has_no_use_for_it)
{
	struct buf text = BUF(TABLE_MAX);
	struct map_held held;
	struct map *m = NULL;

	plain_table(&text, 10000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	map_hold("t", &held);
	cr_assert_eq(rename("t", "old"), 0);
	plain_table(&text, 10000);
	cr_assert_not(is_indexed());
	/* a rename changes its ctime; what it holds is the old one still */
	cr_assert_eq(map_of_held(&held, ':', &m), 0);
	cr_assert_eq(map_find(m, SLICE("user77"), NULL, NULL, NULL), 1);
	map_close(m);
	map_let_go(&held);
	/* another separator is another table */
	cr_assert_eq(made(), MAP_INDEX_MADE);
	cr_assert_eq(map_open("t", '=', false, &m), 0);
	cr_assert_not(map_is_indexed(m));
	map_close(m);
	buf_done(&text);
}

Test(map_index, is_its_owners_alone)
{
	struct buf text = BUF(TABLE_MAX);

	plain_table(&text, 10000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	for (mode_t bad = S_IWOTH; bad <= S_IWGRP; bad = bad << 3) {
		cr_assert_eq(chmod("t.index", 0600 | bad), 0);
		cr_assert_not(is_indexed());
	}
	cr_assert_eq(chmod("t.index", 0600), 0);
	cr_assert(is_indexed());
	if (geteuid() == 0) {
		cr_assert_eq(chown("t.index", 65534, 65534), 0);
		cr_assert_not(is_indexed());
		cr_assert_eq(chown("t.index", 0, 0), 0);
	}
	cr_assert_eq(rename("t.index", "elsewhere"), 0);
	cr_assert_eq(symlink("elsewhere", "t.index"), 0);
	cr_assert_not(is_indexed());
	cr_assert_eq(unlink("t.index"), 0);
	cr_assert_eq(mkfifo("t.index", 0600), 0);
	cr_assert_not(is_indexed());
	buf_done(&text);
}

/* ---- damage ---- */

static void flip(uint64_t at)
{
	int fd = open("t.index", O_RDWR | O_CLOEXEC);
	char c;

	cr_assert_eq(file_read_at(fd, &c, 1, at), 1);
	c = (char)(c ^ (1 << roll(8)));
	cr_assert_eq(file_write_at(fd, (struct slice){ &c, 1 }, at), 0);
	cr_assert_eq(close(fd), 0);
}

static void restore(struct slice index)
{
	int fd = open("t.index", O_WRONLY | O_TRUNC | O_CLOEXEC);

	cr_assert_eq(file_write(fd, index), 0);
	cr_assert_eq(close(fd), 0);
}

static size_t read_index(char *p, size_t room)
{
	int fd = open("t.index", O_RDONLY | O_CLOEXEC);
	ssize_t n = file_read_at(fd, p, room, 0);

	cr_assert_gt(n, 0);
	cr_assert_eq(close(fd), 0);
	return (size_t)n;
}

Test(map_index, damage_makes_no_wrong_answer)
{
	static char index[1U << 20];
	struct buf text = BUF(TABLE_MAX);
	struct slice whole = { index, 0 };
	struct both b;

	plain_table(&text, 8000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	whole.n = read_index(index, sizeof(index));
	for (unsigned i = 0; i < 200; i++) {
		restore(whole);
		for (size_t k = roll(300); k > 0; k--)
			flip(i % 2 ? roll(whole.n)
				   : MAP_INDEX_BLOCK +
					     roll(whole.n - MAP_INDEX_BLOCK));
		begin(&b, buf_slice(&text));
		for (size_t k = 0; k < 40; k++)
			same_named(&b, k % 4 ? "user" : "absent", roll(8000));
		end(&b);
	}
	buf_done(&text);
}

Test(map_index, a_damaged_header_is_none)
{
	static char index[1U << 20];
	struct buf text = BUF(TABLE_MAX);
	struct slice whole = { index, 0 };

	plain_table(&text, 8000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	whole.n = read_index(index, sizeof(index));
	for (uint64_t at = 0; at < sizeof(struct map_index_header); at++) {
		restore(whole);
		cr_assert(is_indexed());
		flip(at);
		cr_assert_not(is_indexed(), "octet %zu", (size_t)at);
	}
	for (size_t cut = 1; cut < whole.n; cut += roll(5000) + 1) {
		restore(slice_upto(whole, whole.n - cut));
		cr_assert_not(is_indexed());
	}
	buf_done(&text);
}

/* Cut short while somebody holds it. */
Test(map_index, a_cut_index_is_scanned_around)
{
	struct buf text = BUF(TABLE_MAX);
	struct both b;

	plain_table(&text, 10000);
	cr_assert_eq(made(), MAP_INDEX_MADE);
	begin(&b, buf_slice(&text));
	cr_assert(map_is_indexed(b.index));
	cr_assert_eq(truncate("t.index", 1500), 0);
	for (size_t i = 0; i < 200; i++)
		same_named(&b, i % 2 ? "user" : "absent", roll(10000));
	end(&b);
	buf_done(&text);
}

/* An index of two blocks in which "k" did not fit where it belongs. */
static enum map_index_answer ask_overfull(uint32_t more)
{
	struct map_index_block blocks[2] = { { .n = 0 }, { .n = 0 } };
	struct map_index ix = { .blocks = 2 };
	uint8_t check[DIGEST_KEYED_BYTES];
	enum map_index_answer a;
	unsigned line;
	uint64_t hash, home;
	size_t start;

	digest_keyed_start(&ix.keyed, SLICE("secret"));
	hash = map_index_hash(&ix.keyed, SLICE("k"));
	home = map_index_home(hash, 2);
	blocks[home].more = more;
	blocks[1 - home].n = 1;
	blocks[1 - home].entries[0] =
		(struct map_index_entry){ (uint32_t)hash, 1, 0 };
	for (uint64_t i = 0; i < 2; i++) {
		map_index_check_block(&ix.keyed, i, &blocks[i], check);
		memcpy(blocks[i].check, check, MAP_INDEX_CHECK);
	}
	ix.file = open("t", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_eq(ftruncate(ix.file, MAP_INDEX_BLOCK), 0); /* a header */
	cr_assert_eq(pwrite(ix.file, blocks, sizeof(blocks), MAP_INDEX_BLOCK),
		     sizeof(blocks));
	a = map_index_find(&ix, SLICE("k: v\n"), ':', SLICE("k"), &start,
			   &line);
	cr_assert_eq(close(ix.file), 0);
	return a;
}

Test(map_index, what_went_on_into_the_next_block_is_found)
{
	cr_expect_eq(ask_overfull(1), MAP_INDEX_FOUND);
	cr_expect_eq(ask_overfull(0), MAP_INDEX_ABSENT);
}
