/* SPDX-License-Identifier: ISC */
/* What is given out is what came in, with CRLF, as long as was said. */
#include "desk.h"

#include <fcntl.h>

struct row {
	struct slice in, out;
	size_t lines;
};

static int collect(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

#define ALL SIZE_MAX
#define ROW(in, out, n)                                                        \
	{                                                                      \
		SLICE(in), SLICE("H: h\r\n" out), n                            \
	}

static const struct row rows[] = {
	ROW("A: b\n\nx\n", "A: b\r\n\r\nx\r\n", ALL),
	ROW("A: b\n\nno end", "A: b\r\n\r\nno end\r\n", ALL),
	ROW("A: b\n\nFrom me\n>From you\n>>Fro\n",
	    "A: b\r\n\r\nFrom me\r\n>From you\r\n>>Fro\r\n", ALL),
	ROW("A: b\n", "A: b\r\n", ALL),
	ROW("", "", ALL),
	ROW("\n\n\n", "\r\n\r\n\r\n", ALL),
	ROW("A: b\n\n\0\xff\n.\n..\n", "A: b\r\n\r\n\0\xff\r\n.\r\n..\r\n",
	    ALL),
	ROW("A: b\n\n1\n2\n3\n", "A: b\r\n\r\n1\r\n2\r\n", 2),
	ROW("A: b\n\n1\n2\n3\n", "A: b\r\n\r\n", 0),
};

Test(retrieve, gives_back_what_came_in)
{
	char path[64], name[16];
	struct store *s = desk_store(path, 1000);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct mbox_message msg = { .head = SLICE("H: h\n"),
						  .text = rows[i].in,
						  .fd = -1,
						  .owner = (uid_t)-1 };
		struct buf got = BUF(1U << 16);
		struct maildrop *m;
		int64_t wait_ms;

		(void)snprintf(name, sizeof(name), "b%zu", i);
		cr_assert_eq(mbox_append(s, slice_of(name), &msg), 0);
		cr_assert_eq(mbox_append(s, slice_of(name), &msg), 0);
		cr_assert_eq(maildrop_open(s, slice_of(name), 0, &m, &wait_ms),
			     0);
		cr_assert_eq(maildrop_count(m), 2);
		cr_assert_eq(maildrop_read(m, 0, rows[i].lines, collect, &got),
			     0);
		cr_assert(slice_eq(buf_slice(&got), rows[i].out),
			  "row %zu: %.*s", i, SLICE_ARG(buf_slice(&got)));
		cr_assert(rows[i].lines != ALL ||
			  maildrop_octets(m, 0) == got.n);
		maildrop_close(m);
		buf_done(&got);
	}
	store_close(s);
}

/* ---- messages larger than a block, and mailboxes that change ---- */

#define FROM "From a@b Mon Nov 23 07:15:03 2026\n"

static struct maildrop *open_box(struct store *s, const char *path,
				 struct slice text)
{
	struct maildrop *m;
	int64_t wait_ms;
	FILE *f = fopen(path, "w");

	cr_assert(f && fwrite(text.p, 1, text.n, f) == text.n);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(maildrop_open(s, SLICE("box"), 0, &m, &wait_ms), 0);
	return m;
}

/* A message of `n` octets in lines of 11. */
static void lines_of(size_t n, struct buf *ret)
{
	cr_assert_eq(buf_put(ret, SLICE(FROM "A: b\n\n")), 0);
	for (size_t i = 0; i + 11 <= n; i += 11)
		cr_assert_eq(buf_put(ret, SLICE(".123456789\n")), 0);
	for (size_t i = 1; i < n % 11; i++)
		cr_assert_eq(buf_put_byte(ret, 'x'), 0);
	cr_assert_eq(buf_put(ret, SLICE("\n\n")), 0);
}

/* … as it must come out. */
static void lines_sent(size_t n, size_t most, bool stuffed, struct buf *ret)
{
	cr_assert_eq(buf_put(ret, SLICE("A: b\r\n\r\n")), 0);
	for (size_t i = 0; i + 11 <= n && most > 0; i += 11, most--) {
		cr_assert_eq(buf_put(ret, stuffed ? SLICE(".") : SLICE("")), 0);
		cr_assert_eq(buf_put(ret, SLICE(".123456789\r\n")), 0);
	}
	if (most == 0)
		return;
	for (size_t i = 1; i < n % 11; i++)
		cr_assert_eq(buf_put_byte(ret, 'x'), 0);
	cr_assert_eq(buf_put(ret, SLICE("\r\n")), 0);
}

static void expect_sent(struct maildrop *m, size_t i, size_t n, size_t most)
{
	for (int stuffed = 0; stuffed < 2; stuffed++) {
		struct buf got = BUF(1U << 21), want = BUF(1U << 21);

		cr_assert_eq((stuffed ? maildrop_send : maildrop_read)(
				     m, i, most, collect, &got),
			     0);
		lines_sent(n, most, stuffed, &want);
		cr_assert(slice_eq(buf_slice(&got), buf_slice(&want)),
			  "message %zu of %zu, %zu lines: %zu, not %zu", i, n,
			  most, got.n, want.n);
		buf_done(&got);
		buf_done(&want);
	}
}

/* Their ends around the ends of what is read at once, in the middle of the
 * mailbox and at its end. */
Test(retrieve, knows_no_size)
{
	static const size_t sizes[] = { 100,    16300,  16340,  32700, 262000,
					262100, 300000, 524288, 600000 };
	static const size_t most[] = { 0, 1, 1500, 30000, ALL };
	char path[64], box[80];
	struct store *s = desk_store(path, 1000);

	(void)snprintf(box, sizeof(box), "%s/box", path);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t more = 0; more < 60; more += 7) {
			struct buf text = BUF(1U << 21);
			struct maildrop *m;

			lines_of(sizes[i] + more, &text);
			lines_of(sizes[i] + more, &text);
			m = open_box(s, box, buf_slice(&text));
			cr_assert_eq(maildrop_count(m), 2);
			for (size_t k = 0; k < 2 * ARRAY_LEN(most); k++)
				expect_sent(m, k % 2, sizes[i] + more,
					    most[k / 2]);
			maildrop_close(m);
			buf_done(&text);
		}
	store_close(s);
}

/* What another program did to it after the login. */
static const struct change {
	const char *what;
	int64_t at, size; /* one byte there; then: so large. -1: no change */
	char byte;
	int first, second;
} changes[] = {
	{ "nothing", -1, -1, 0, 0, 0 },
	{ "the first From_ line", 0, -1, 'X', -ESTALE, 0 },
	{ "the second From_ line", 53, -1, 'X', 0, -ESTALE },
	{ "its begin", 49, -1, 'X', -ESTALE, -ESTALE },
	{ "what is before it", 48, -1, 'X', -ESTALE, -ESTALE },
	{ "cut short", -1, 97, 0, 0, -ESTALE },
	{ "cut in between", -1, 49, 0, 0, -ESTALE },
	{ "cut in the first", -1, 48, 0, -ESTALE, -ESTALE },
	{ "emptied", -1, 0, 0, -ESTALE, -ESTALE },
	{ "padded", 98, -1, '\n', 0, 0 },
	{ "appended to", 98, -1, 'F', 0, 0 },
	{ "written behind", 98, -1, 'x', 0, -ESTALE },
};

Test(retrieve, sees_that_the_mailbox_changed)
{
	static const char one[] = FROM "A: b\n\n12345678\n";
	char path[64], box[80], text[200];
	struct store *s = desk_store(path, 1000);

	(void)snprintf(box, sizeof(box), "%s/box", path);
	(void)snprintf(text, sizeof(text), "%s%s", one, one);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const struct change *c = &changes[i];
		struct maildrop *m = open_box(s, box, slice_of(text));
		int fd = open(box, O_WRONLY);
		struct buf got = BUF(1U << 16);

		cr_assert_eq(maildrop_count(m), 2);
		if (c->at >= 0)
			cr_assert_eq(pwrite(fd, &c->byte, 1, c->at), 1);
		if (c->size >= 0)
			cr_assert_eq(ftruncate(fd, c->size), 0);
		cr_expect_eq(maildrop_read(m, 0, ALL, collect, &got), c->first,
			     "%s: first", c->what);
		cr_expect_eq(maildrop_read(m, 1, 1, collect, &got), c->second,
			     "%s: second", c->what);
		close(fd);
		maildrop_close(m);
		buf_done(&got);
	}
	store_close(s);
}

/* Another program gives the second message a field, in its place; the first
 * one, which is read before it, has outlived that. Where the second ended there
 * is a line's end now: only its beginning tells. */
Test(retrieve, sees_a_change_that_others_outlived)
{
	static const char first[] = FROM "A: b\n\nx\n\n";
	static const char tail[] = "\n12\nabcdefg\n\n" FROM "A: c\n\ny\n\n";
	char path[64], box[80], text[300];
	struct store *s = desk_store(path, 1000);

	(void)snprintf(box, sizeof(box), "%s/box", path);
	for (int moves = 0; moves < 2; moves++) {
		struct buf got = BUF(1U << 16);
		struct maildrop *m;
		FILE *f;

		(void)snprintf(text, sizeof(text), "%s" FROM "A: b\n%s", first,
			       tail);
		m = open_box(s, box, slice_of(text));
		cr_assert_eq(maildrop_count(m), 3);
		f = fopen(box, "w");
		cr_assert(f);
		(void)fprintf(f, "%s" FROM "A: b\n%s%s" FROM "\nnew\n\n", first,
			      moves ? "Status: O\n" : "", tail);
		cr_assert_eq(fclose(f), 0);
		cr_expect_eq(maildrop_read(m, 0, ALL, collect, &got), 0);
		cr_assert_eq(got.n, strlen("A: b\r\n\r\nx\r\n"));
		cr_expect_eq(maildrop_read(m, 1, ALL, collect, &got),
			     moves ? -ESTALE : 0);
		cr_expect_eq(got.n,
			     strlen("A: b\r\n\r\nx\r\n") +
				     (moves ? 0 : maildrop_octets(m, 1)));
		cr_expect_eq(maildrop_read(m, 2, ALL, collect, &got),
			     moves ? -ESTALE : 0);
		maildrop_close(m);
		buf_done(&got);
	}
	store_close(s);
}

/* In the body, behind what a digest has of it: then only the end tells. */
Test(retrieve, sees_a_body_that_has_grown)
{
	static const char tail[] = "12\nabcdefg\n\n" FROM "A: c\n\ny\n\n";
	char path[64], box[80], text[900];
	struct store *s = desk_store(path, 1000);

	(void)snprintf(box, sizeof(box), "%s/box", path);
	for (int grows = 0; grows < 2; grows++) {
		struct buf got = BUF(1U << 16);
		struct maildrop *m;
		FILE *f;

		(void)snprintf(text, sizeof(text), FROM "A: b\n\n%0300d\n%s", 0,
			       tail);
		m = open_box(s, box, slice_of(text));
		cr_assert_eq(maildrop_count(m), 2);
		f = fopen(box, "w");
		cr_assert(f);
		(void)fprintf(f, FROM "A: b\n\n%0300d\n%s%s" FROM "\nnew\n\n",
			      0, grows ? "123456789\n" : "", tail);
		cr_assert_eq(fclose(f), 0);
		cr_expect_eq(maildrop_read(m, 0, ALL, collect, &got),
			     grows ? -ESTALE : 0);
		maildrop_close(m);
		buf_done(&got);
	}
	store_close(s);
}

/* ---- while somebody writes ---- */

/* Puts the octets of `now` in the mailbox when the first piece arrives. */
struct meanwhile {
	const char *box;
	struct slice now;
	struct buf *got;
	bool done;
};

static int collect_meanwhile(void *context, struct slice bytes)
{
	struct meanwhile *m = context;
	int fd = m->done ? -1 : open(m->box, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		cr_assert_eq(pwrite(fd, m->now.p, m->now.n, 0),
			     (ssize_t)m->now.n);
		close(fd);
		m->done = true;
	}
	return buf_put(m->got, bytes);
}

/* One large message behind a small one; a field in the small one moves it all;
 * another one at the end moves nothing. */
Test(retrieve, while_others_write)
{
	char path[64], box[80];
	struct store *s = desk_store(path, 1000);
	struct buf one = BUF(1U << 22), moved = BUF(1U << 22);
	struct buf longer = BUF(1U << 22);
	size_t first_n;

	(void)snprintf(box, sizeof(box), "%s/box", path);
	cr_assert_eq(buf_put(&one, SLICE(FROM "A: b\n\nx\n\n")), 0);
	cr_assert_eq(buf_put(&moved, SLICE(FROM "A: b\nStatus: R\n\nx\n\n")),
		     0);
	first_n = one.n;
	lines_of(1000000, &one);
	cr_assert_eq(buf_put(&moved, slice_from(buf_slice(&one), first_n)), 0);
	cr_assert_eq(buf_put(&longer, buf_slice(&one)), 0);
	cr_assert_eq(buf_put(&longer, SLICE(FROM "A: b\n\ny\n\n")), 0);
	for (int moves = 0; moves < 2; moves++) {
		struct maildrop *m = open_box(s, box, buf_slice(&one));
		struct buf whole = BUF(1U << 22), got = BUF(1U << 22);
		struct meanwhile w = { .box = box, .got = &got };
		uint64_t octets;

		cr_assert_eq(maildrop_count(m), 2);
		octets = maildrop_octets(m, 1);
		w.now = buf_slice(moves ? &moved : &longer);
		cr_assert_eq(maildrop_read(m, 1, ALL, collect, &whole), 0);
		cr_expect_eq(maildrop_read(m, 1, ALL, collect_meanwhile, &w),
			     moves ? -ESTALE : 0);
		cr_expect(w.done);
		cr_expect(slice_starts(buf_slice(&whole), buf_slice(&got)),
			  "another message's octets");
		cr_expect_eq(got.n == octets, moves == 0);
		maildrop_close(m);
		buf_done(&whole);
		buf_done(&got);
	}
	buf_done(&one);
	buf_done(&moved);
	buf_done(&longer);
	store_close(s);
}
