/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "desk.h"
#include "store/box.h"
#include "store/index_build.h"
#include "store/index_file.h"
#include "store/scan.h"

#define MOST 56

/* What an index says of mailbox "a", and how it came to know. */
struct view {
	int error;
	bool warm, extended;
	uint64_t n, size;
	struct index_entry v[MOST];
};

static struct view look(struct store *s)
{
	struct view view = { .n = 0 };
	struct box b = BOX_NONE;
	struct index *x = NULL;
	int r = box_open(s, SLICE("a"), false, (uid_t)-1, &b);

	if (r == 0)
		r = index_open(&b.place, b.fd, &x);
	cr_assert_eq(r, 0, "%s", strerror(-r));
	view.warm = index_was_warm(x);
	view.extended = index_was_extended(x);
	view.n = index_count(x);
	view.size = index_size(x);
	cr_assert_leq(view.n, MOST);
	for (uint64_t i = 0; i < view.n && view.error == 0; i++)
		view.error = index_get(x, i, &view.v[i]);
	index_close(x);
	box_done(&b);
	return view;
}

static bool same_entry(const struct index_entry *a, const struct index_entry *b)
{
	return a->from == b->from && a->start == b->start &&
	       a->body == b->body && a->end == b->end && a->next == b->next &&
	       a->octets == b->octets && a->lines == b->lines &&
	       a->header_octets == b->header_octets && a->number == b->number &&
	       a->uidl == b->uidl && a->read == b->read &&
	       memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

static bool same(const struct view *a, const struct view *b)
{
	bool is = a->error == 0 && b->error == 0 && a->n == b->n &&
		  a->size == b->size;

	for (uint64_t i = 0; is && i < a->n; i++)
		is = same_entry(&a->v[i], &b->v[i]);
	return is;
}

static struct place_file path_of(const char *dir, const char *name)
{
	struct place_file f;

	(void)snprintf(f.name, sizeof(f.name), "%s/%s", dir, name);
	return f;
}

static void forget(const char *dir)
{
	cr_assert_eq(unlink(path_of(dir, ".postern/a.index").name), 0);
}

/* What is found is what a fresh look finds. */
static struct view look_twice(struct store *s, const char *dir)
{
	struct view is = look(s), fresh;

	forget(dir);
	fresh = look(s);
	cr_assert_not(fresh.warm || fresh.extended);
	cr_assert(same(&is, &fresh), "not what stands there");
	return is;
}

static struct store *three(char ret_dir[64])
{
	struct store *s = desk_store(ret_dir, DESK_WAIT_MS);

	cr_assert_eq(desk_append(s, "a", "Subject: 1\n\nbody of 1\n", ""), 0);
	cr_assert_eq(desk_append(s, "a", "Subject: 2\n\nbody of 2\n", ""), 0);
	cr_assert_eq(desk_append(s, "a", "Subject: 3\n\nbody of 3\n", ""), 0);
	return s;
}

static int open_path(const char *dir, const char *name, int flags)
{
	int fd = open(path_of(dir, name).name, flags | O_CLOEXEC, 0660);

	cr_assert_geq(fd, 0);
	return fd;
}

Test(index, knows_again_and_goes_on)
{
	char dir[64];
	struct store *s = three(dir);
	struct view is = look(s);

	cr_assert_eq(is.n, 3);
	cr_expect_not(is.warm || is.extended);
	is = look(s);
	cr_expect(is.warm);
	cr_assert_eq(desk_append(s, "a", "Subject: 4\n\nbody of 4\n", ""), 0);
	is = look(s);
	cr_expect(is.extended);
	cr_expect_eq(is.n, 4);
	cr_expect(look(s).warm);
	look_twice(s, dir);
	store_close(s);
}

/* What others do to a mailbox; `where`: an octet from its end. */
struct edit {
	const char *what;
	off_t where;
	const char *octets;
};

static void make(const char *dir, const struct edit *e)
{
	int fd = open_path(dir, "a", O_RDWR);
	off_t end = lseek(fd, 0, SEEK_END);

	if (e->octets)
		cr_assert_eq(pwrite(fd, e->octets, strlen(e->octets),
				    end - e->where),
			     (ssize_t)strlen(e->octets));
	else
		cr_assert_eq(ftruncate(fd, end - e->where), 0);
	close(fd);
}

Test(index, edits_of_others)
{
	static const struct edit edits[] = {
		{ "an octet of the last body", 4, "X" },
		{ "a header's octet", 15, "9" },
		{ "the last line", 5, NULL },
		{ "more of the last message", 0, "more\n\n" },
		{ "an empty line", 0, "\n" },
		{ "a message", 0, "From x Thu Jan  1 00:00:00 2026\n\nx\n\n" },
		{ "junk", 0, "junk" },
		{ "From_ in the body", 11, "From x\n" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++) {
		char dir[64];
		struct store *s = three(dir);

		look(s);
		make(dir, &edits[i]);
		cr_expect_not(look_twice(s, dir).warm, "%s", edits[i].what);
		store_close(s);
	}
}

static struct store *many(char ret_dir[64])
{
	struct store *s = desk_store(ret_dir, DESK_WAIT_MS);
	char text[64];

	for (int i = 0; i < 40; i++) {
		(void)snprintf(text, sizeof(text),
			       "Subject: %d\n\nbody of %d\n", i, i);
		cr_assert_eq(desk_append(s, "a", text, ""), 0);
	}
	return s;
}

static void write_at(const char *dir, uint64_t at, const char *octets)
{
	int fd = open_path(dir, "a", O_RDWR);

	cr_assert_eq(pwrite(fd, octets, strlen(octets), (off_t)at),
		     (ssize_t)strlen(octets));
	close(fd);
}

/* Where not every message is looked at: another program changes one in place,
 * and mail comes behind it, ours or not. */
Test(index, edits_in_the_middle_before_mail)
{
	static const struct {
		const char *what;
		bool seam, ours;
	} rows[] = {
		{ "a body's octet, our mail", false, true },
		{ "a From_ line, our mail", true, true },
		{ "a From_ line, others' mail", true, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char dir[64];
		struct store *s = many(dir);
		struct view was = look(s);

		write_at(dir, rows[i].seam ? was.v[1].from : was.v[1].body,
			 "X");
		if (rows[i].ours)
			cr_assert_eq(
				desk_append(s, "a", "Subject: n\n\nx\n", ""),
				0);
		else
			write_at(dir, was.size,
				 "From x Thu Jan  1 00:00:00 2026\n\nx\n\n");
		cr_expect_not(look_twice(s, dir).extended, "%s", rows[i].what);
		store_close(s);
	}
}

/* An index that was made between two deliveries of ours, or by which there
 * were some and then others'. */
Test(index, goes_on_behind_any_mail)
{
	char dir[64];
	struct store *s = many(dir);

	for (int i = 0; i < 2; i++) {
		look(s);
		cr_assert_eq(desk_append(s, "a", "Subject: n\n\nx\n", ""), 0);
		cr_assert_eq(desk_append(s, "a", "Subject: n\n\nx\n", ""), 0);
		cr_expect(look(s).extended);
		write_at(dir, look(s).size,
			 "From x Thu Jan  1 00:00:00 2026\n\nx\n\n");
		cr_expect(look(s).extended);
		write_at(dir, look(s).size,
			 "From x Thu Jan  1 00:00:00 2026\n\nx\n\n");
		cr_assert_eq(desk_append(s, "a", "Subject: n\n\nx\n", ""), 0);
		cr_expect(look(s).extended);
	}
	look_twice(s, dir);
	store_close(s);
}

/* A mailbox of CRLF lines, as another system wrote it: its last message stays
 * as it is. */
Test(index, goes_on_behind_crlf)
{
	static const char *const boxes[] = {
		"From x Thu Jan  1 00:00:00 2026\r\nA: b\r\n\r\nx\r\n\r\n",
		"From x Thu Jan  1 00:00:00 2026\r\nA: b\r\n\r\nx\r\n",
		"From x Thu Jan  1 00:00:00 2026\r\nA: b\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
		char dir[64];
		struct store *s = desk_store(dir, DESK_WAIT_MS);
		struct view was, is;

		cr_assert_eq(mkdir(path_of(dir, ".postern").name, 0770), 0);
		close(open_path(dir, "a", O_RDWR | O_CREAT));
		write_at(dir, 0, boxes[i]);
		was = look(s);
		cr_assert_eq(desk_append(s, "a", "Subject: n\n\nx\n", ""), 0);
		is = look_twice(s, dir);
		cr_expect_eq(is.n, 2);
		cr_expect_eq(is.extended, i != 1, "row %zu", i);
		cr_expect_eq(is.v[0].octets, was.v[0].octets, "row %zu", i);
		cr_expect_eq(memcmp(is.v[0].digest, was.v[0].digest,
				    sizeof(was.v[0].digest)),
			     0, "row %zu", i);
		store_close(s);
	}
}

/* Is it a From_ line that begins what was appended? Not without an empty line
 * before it, which may have come since. */
Test(index, edits_at_the_seam)
{
	static const struct edit edits[][2] = {
		{ { "", 1, NULL }, { "at once", 0, "From x\n\nx\n\n" } },
		{ { "", 1, NULL }, { "behind", 0, "\nFrom x\n\nx\n\n" } },
		{ { "", 2, NULL }, { "in a line", 0, "From x\n\nx\n\n" } },
		{ { "", 7, NULL }, { "not From_", 0, "From\n\nx\n\n" } },
		{ { "", 0, "" }, { "no date", 0, "From x\n\nx\n\n" } },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++) {
		char dir[64];
		struct store *s = three(dir);

		make(dir, &edits[i][0]);
		look(s);
		make(dir, &edits[i][1]);
		cr_expect_not(look_twice(s, dir).warm, "%s", edits[i][1].what);
		store_close(s);
	}
}

/* A line of any length, with its date early or late: as a whole look has it. */
Test(index, a_long_line_at_the_seam)
{
	static const int blanks[] = { 0, 1, 980, 1024, 4000, 4096, 9000 };

	for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++) {
		char dir[64], line[9100];
		struct store *s = three(dir);

		look(s);
		(void)snprintf(line, sizeof(line),
			       "From x%*s Thu Jan  1 00:00:00 2026\n\nx\n\n",
			       blanks[i], "");
		make(dir, &(struct edit){ "", 0, line });
		cr_expect_eq(look_twice(s, dir).n, blanks[i] < 4050 ? 4 : 3,
			     "%d blanks", blanks[i]);
		store_close(s);
	}
}

/* Another file in the mailbox's place, as large and as old. */
Test(index, another_file)
{
	char dir[64];
	struct store *s = three(dir);
	struct view is = look(s);
	int from = open_path(dir, "a", O_RDONLY);
	int to = open_path(dir, "b", O_WRONLY | O_CREAT);
	struct stat st;
	char *text = malloc(is.size);

	cr_assert_eq(fstat(from, &st), 0);
	cr_assert_eq(read(from, text, is.size), (ssize_t)is.size);
	text[is.size - 4] = 'X';
	cr_assert_eq(write(to, text, is.size), (ssize_t)is.size);
	cr_assert_eq(
		futimens(to, (struct timespec[]){ st.st_atim, st.st_mtim }), 0);
	cr_assert_eq(rename(path_of(dir, "b").name, path_of(dir, "a").name), 0);
	cr_expect_not(look_twice(s, dir).warm);
	free(text);
	close(from);
	close(to);
	store_close(s);
}

/* ---- large headers ---- */

static void append_head_of(struct store *s, size_t octets)
{
	char *text = malloc(octets + 200);
	size_t n = 0;

	for (unsigned i = 0; n < octets; i++)
		n += (size_t)snprintf(text + n, 100, "X-Field-%u: %060u\n", i,
				      i);
	(void)snprintf(text + n, 100, "\nbody\n");
	cr_assert_eq(desk_append(s, "a", text, ""), 0);
	free(text);
}

/* A message with a header of any size is known again, may be the last one, and
 * can be deleted when mail has come meanwhile. */
Test(index, a_header_of_any_size)
{
	static const size_t sizes[] = { 65000, 65536, 1U << 20, 3U << 20 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		bool last[4] = { false, false, false, true };
		char dir[64];
		struct store *s = three(dir);
		struct maildrop *m;
		int64_t wait_ms;

		append_head_of(s, sizes[i]);
		look(s);
		cr_expect(look(s).warm, "%zu", sizes[i]);
		cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
		cr_assert_eq(desk_append(s, "a", "Subject: 5\n\nx\n", ""), 0);
		cr_expect_eq(maildrop_expunge(m, last), 0, "%zu", sizes[i]);
		cr_expect_eq(maildrop_finish(m), 0);
		maildrop_close(m);
		cr_expect_eq(look_twice(s, dir).n, 4, "%zu", sizes[i]);
		store_close(s);
	}
}

/* ---- cut meanwhile ---- */

#define LARGE ((size_t)2 << 20)

static int make_large(const char *dir)
{
	static const char text[] = "From x Thu Jan  1 00:00:00 2026\n\nx\n\n";
	int fd = open_path(dir, "a", O_RDWR | O_CREAT);
	char *all = malloc(LARGE + sizeof(text));
	size_t n = 0;

	for (; n < LARGE; n += sizeof(text) - 1)
		memcpy(all + n, text, sizeof(text));
	cr_assert_eq(write(fd, all, n), (ssize_t)n);
	free(all);
	return fd;
}

static int cut(void *context, const struct mbox_span *span)
{
	return ftruncate(*(int *)context, 4096) < 0 ? -errno : 0;
}

/* Who delivers to many others must not die because one of them cuts his
 * mailbox while its messages are counted. */
Test(index, cut_while_it_is_counted)
{
	char dir[64];
	struct store *s = desk_store(dir, DESK_WAIT_MS);
	int fd = make_large(dir);

	cr_expect_eq(scan_mailbox(fd, 0, LARGE, cut, &fd), -EIO);
	close(fd);
	store_close(s);
}

/* The kernel stamps files in ticks: what changes right behind our look must
 * get another time. */
Test(index, a_change_right_behind)
{
	char dir[64];
	struct store *s = three(dir);
	struct stat st;

	for (int i = 0; i < 50; i++) {
		look(s);
		cr_assert_eq(stat(path_of(dir, "a").name, &st), 0);
		cr_assert_gt(clock_tick_us(),
			     st.st_ctim.tv_sec * 1000000 +
				     st.st_ctim.tv_nsec / 1000,
			     "not seen by an older kernel");
		make(dir, &(struct edit){ "", 4, i % 2 ? "x" : "y" });
		cr_assert_not(look(s).warm, "not seen, the %dth", i);
	}
	store_close(s);
}

static void flip(int fd, off_t at)
{
	char c;

	cr_assert_eq(pread(fd, &c, 1, at), 1);
	c ^= 0x41;
	cr_assert_eq(pwrite(fd, &c, 1, at), 1);
}

/* Whatever lies there, nothing is said that is not so. */
static void judge(struct store *s, const struct view *truth, const char *how,
		  off_t at)
{
	struct view is = look(s);

	cr_assert(is.error == -EBADMSG || same(&is, truth), "%s at %lld", how,
		  (long long)at);
	if (is.error != 0)
		is = look(s);
	cr_assert(same(&is, truth), "%s at %lld, again", how, (long long)at);
}

Test(index, damaged_anywhere, .timeout = 120)
{
	char dir[64];
	struct store *s = three(dir);
	const struct view truth = look(s);
	int fd = open_path(dir, ".postern/a.index", O_RDWR);
	off_t n = lseek(fd, 0, SEEK_END);

	cr_assert_gt(n, 4096);
	for (off_t at = 0; at < n; at++) {
		flip(fd, at);
		judge(s, &truth, "an octet", at);
		close(fd); /* another one lies there now, perhaps */
		fd = open_path(dir, ".postern/a.index", O_RDWR);
	}
	for (off_t at = 0; at < n; at += 7) {
		cr_assert_eq(ftruncate(fd, at), 0);
		judge(s, &truth, "cut", at);
		close(fd);
		fd = open_path(dir, ".postern/a.index", O_RDWR);
	}
	close(fd);
	store_close(s);
}

Test(index, in_memory_where_it_cannot_be_written)
{
	char dir[64];
	struct store *s = three(dir);
	const struct view truth = look(s);
	struct view is;

	forget(dir);
	cr_assert_eq(mkdir(path_of(dir, ".postern/a.index.new").name, 0700), 0);
	is = look(s);
	cr_assert(same(&is, &truth));
	is = look(s);
	cr_assert(same(&is, &truth));
	cr_assert_not(is.warm);
	cr_assert_eq(rmdir(path_of(dir, ".postern/a.index.new").name), 0);
	cr_assert_eq(mkdir(path_of(dir, ".postern/a.index").name, 0700), 0);
	is = look(s);
	cr_assert(same(&is, &truth));
	cr_assert_neq(access(path_of(dir, ".postern/a.index.new").name, F_OK),
		      0);
	store_close(s);
}

/* An index with right checksums and a wrong offset: RETR sees it, and DELE
 * takes nothing out that is not a message. */
Test(index, one_that_lies_takes_nothing_out)
{
	char dir[64];
	struct store *s = three(dir);
	struct view truth = look(s);
	struct box b = BOX_NONE;
	bool marked[3] = { false, true, false };
	struct index_cell *cell;
	struct index *x;
	struct maildrop *m;
	int64_t wait_ms;

	cr_assert_eq(box_open(s, SLICE("a"), false, (uid_t)-1, &b), 0);
	cr_assert_eq(index_read(&b.place, &x), 0);
	cr_assert_eq(index_cell(x, 3, 1, &cell), 0);
	cell->from -= 6;
	cell->head_n += 6;
	x->window.changed = true;
	cr_assert_eq(index_flush(x), 0);
	index_close(x);
	box_done(&b);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_expect_eq(maildrop_expunge(m, marked), -ESTALE);
	maildrop_close(m);
	cr_assert_eq(look(s).n, truth.n);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_expect_eq(maildrop_expunge(m, marked), 0);
	cr_expect_eq(maildrop_finish(m), 0);
	maildrop_close(m);
	cr_assert_eq(look(s).n, 2);
	store_close(s);
}
