/* SPDX-License-Identifier: ISC */
#include "store/scout.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "../mail/dice.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/scan.h"

#define FROM  "From a@b Mon Nov 23 07:15:03 2026\n"
#define SPANS 6000

struct found {
	struct mbox_span spans[SPANS];
	size_t n;
	size_t most;      /* then it has had enough */
	uint64_t wait_us; /* at each, so that the other thread gets ahead */
};

static int on_span(void *context, const struct mbox_span *span)
{
	struct found *f = context;

	if (f->n == f->most)
		return -E2BIG;
	f->spans[f->n++] = *span;
	if (f->wait_us > 0)
		clock_pause_us(f->wait_us);
	return 0;
}

static int file_of(const struct buf *text)
{
	int fd = memfd_create("mailbox", MFD_CLOEXEC);

	cr_assert_eq(file_write_at(fd, buf_slice(text), 0), 0);
	return fd;
}

static void same(const struct found *one, const struct found *two,
		 const char *what, int round)
{
	cr_assert_eq(one->n, two->n, "%s %d: %zu and %zu", what, round, one->n,
		     two->n);
	for (size_t i = 0; i < one->n; i++) {
		const struct mbox_span *a = &one->spans[i], *b = &two->spans[i];

		cr_assert_eq(a->from, b->from, "%s %d", what, round);
		cr_assert_eq(a->start, b->start, "%s %d", what, round);
		cr_assert_eq(a->body, b->body, "%s %d", what, round);
		cr_assert_eq(a->end, b->end, "%s %d", what, round);
		cr_assert_eq(a->next, b->next, "%s %d", what, round);
		cr_assert_eq(a->octets, b->octets, "%s %d", what, round);
		cr_assert_eq(a->header_octets, b->header_octets);
		cr_assert_eq(a->lines, b->lines, "%s %d", what, round);
		cr_assert_eq(a->seal, b->seal, "%s %d", what, round);
		cr_assert_str_eq(a->digest, b->digest, "%s %d", what, round);
		cr_assert_eq(a->read, b->read, "%s %d", what, round);
		cr_assert_eq(a->hidden, b->hidden, "%s %d", what, round);
	}
}

/* How it is read. */
struct way {
	uint64_t stride;
	size_t most; /* messages */
	uint64_t wait_us;
};

/* Both ways; how much the second thread has helped. */
static uint64_t both(const struct buf *text, const struct way *way,
		     const char *what, int round)
{
	static struct found one, two;
	int fd = file_of(text);
	struct scout *s = scout_new(fd, text->n, way->stride);
	uint64_t helped;
	int r, r2;

	cr_assert(s);
	one.n = two.n = 0;
	one.most = two.most = way->most;
	two.wait_us = way->wait_us;
	r = scan_alone(fd, 0, text->n, on_span, &one);
	r2 = scout_scan(s, 0, on_span, &two);
	cr_assert_eq(r, r2, "%s %d: %d and %d", what, round, r, r2);
	same(&one, &two, what, round);
	helped = scout_helped(s);
	cr_assert_leq(helped, text->n);
	scout_free(s);
	close(fd);
	return helped;
}

static void put(struct buf *b, const char *text)
{
	cr_assert_eq(buf_put(b, slice_of(text)), 0);
}

/* A message that holds what looks like another's beginning. */
static void put_message(struct dice *d, struct buf *b)
{
	put(b, FROM);
	switch (dice_roll(d, 8)) {
	case 0: /* no message begins in a header */
		put(b, "Subject: x\n" FROM "To: y\n\nbody\n\n");
		break;
	case 1: /* where a header was cut off one does */
		put(b, "Subject: x\ncut off\n" FROM "To: y\n\nbody\n\n");
		break;
	case 2: /* as it does in a body */
		put(b, "Subject: x\n\nbody\n" FROM "Subject: z\n\nbody\n");
		break;
	case 3: /* not so, but where it is quoted, or no From_ line */
		put(b, "\n>" FROM "From nobody\nFrom\n\n");
		break;
	default:
		dice_message(d, b);
		put(b, "\n\n");
	}
}

static void fill(struct dice *d, struct buf *b, size_t n)
{
	buf_reset(b);
	while (b->n < n)
		put_message(d, b);
}

Test(scout, sees_what_one_thread_sees)
{
	struct buf text = BUF(2000000);
	struct dice d = { 17 };
	uint64_t helped = 0, all = 0;

	for (int round = 0; round < 400; round++) {
		const struct way way = { .stride = dice_roll(&d, 8000) + 1,
					 .most = SPANS,
					 .wait_us = round % 10 ? 0 : 50 };

		fill(&d, &text, dice_roll(&d, 60000));
		all += text.n;
		helped += both(&text, &way, "round", round);
	}
	cr_expect_gt(helped, all / 100);
	cr_expect_lt(helped, all);
	buf_done(&text);
}

/* What cannot be read by one alone, neither. */
Test(scout, stops_where_one_thread_stops)
{
	static const struct way small = { .stride = 1, .most = SPANS };
	struct buf text = BUF(2000000);
	struct dice d = { 19 };

	for (int round = 0; round < 200; round++) {
		const struct way way = { .stride = dice_roll(&d, 8000) + 1,
					 .most = dice_roll(&d, 40) };

		fill(&d, &text, 30000);
		(void)both(&text, &way, "most", round);
	}
	buf_reset(&text);
	put(&text, "no mailbox\n" FROM "\nx\n\n" FROM "\nx\n\n");
	(void)both(&text, &small, "none", 0);
	buf_reset(&text);
	put(&text, "\n\n");
	(void)both(&text, &small, "empty lines", 0);
	buf_done(&text);
}

/* More than it can keep; and less than a stride, many times over. */
Test(scout, messages_small_and_large)
{
	struct way way = { .most = SPANS, .wait_us = 20 };
	struct buf text = BUF(4000000);

	for (int i = 0; i < 5500; i++)
		put(&text, FROM "\nx\n\n");
	way.stride = text.n / 2;
	cr_expect_gt(both(&text, &way, "small", 0), text.n / 4);
	way = (struct way){ .stride = 1000, .most = SPANS };
	for (int i = 0; i < 4; i++) {
		put(&text, FROM "\n");
		for (int k = 0; k < 10000; k++)
			put(&text, "From here on it is but text\n");
		put(&text, "\n");
	}
	(void)both(&text, &way, "large", 0);
	buf_done(&text);
}

/* Cut behind our back: an error, and no message that is not there. */
Test(scout, a_mailbox_that_gets_shorter)
{
	static struct found f;
	struct buf text = BUF(200000);
	struct scout *s;
	int fd;

	for (int i = 0; i < 2000; i++)
		put(&text, FROM "\nx\n\n");
	fd = file_of(&text);
	s = scout_new(fd, text.n, 4000);
	cr_assert(s);
	cr_assert_eq(ftruncate(fd, (off_t)text.n / 2), 0);
	f.n = 0;
	f.most = SPANS;
	cr_expect_eq(scout_scan(s, 0, on_span, &f), -EIO);
	for (size_t i = 0; i < f.n; i++)
		cr_assert_leq(f.spans[i].next, text.n / 2);
	scout_free(s);
	close(fd);
	buf_done(&text);
}

struct spoiled {
	int fd;
	char with;
	size_t n;
};

/* Where the next message begins none does any more. */
static int spoil(void *context, const struct mbox_span *span)
{
	struct spoiled *s = context;
	char line[sizeof(FROM) - 1];

	s->n++;
	memset(line, s->with, sizeof(line));
	return file_write_at(s->fd, (struct slice){ line, sizeof(line) },
			     span->next);
}

/* Not "no mailbox", which is for good; nor is it passed over. */
Test(scout, a_message_that_goes_as_it_is_read)
{
	static const char with[] = { 'x', '\n' };

	for (size_t i = 0; i < sizeof(with); i++) {
		struct buf text = BUF(1000);
		struct spoiled spoiled = { .with = with[i] };
		struct scout *s;

		/* the thread begins in a header, so it is of no help */
		put(&text, FROM "Subject: x\n" FROM "\n\n");
		put(&text, FROM "\n\n" FROM "\n\n");
		spoiled.fd = file_of(&text);
		s = scout_new(spoiled.fd, text.n, 1);
		cr_assert(s);
		cr_expect_eq(scout_scan(s, 0, spoil, &spoiled), -EIO, "%zu", i);
		cr_expect_eq(spoiled.n, 1);
		scout_free(s);
		close(spoiled.fd);
		buf_done(&text);
	}
}

/* Octets that this process has read, by all its threads. */
static uint64_t octets_read(void)
{
	char text[64] = "";
	int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
	struct slice s = { text, 0 };
	ssize_t n = read(fd, text, sizeof(text));
	uint64_t octets;

	cr_assert_gt(n, 0);
	s.n = (size_t)n;
	cr_assert(slice_starts(s, SLICE("rchar: ")));
	s = slice_from(slice_upto(s, slice_find(s, '\n')), 7);
	cr_assert_eq(slice_number(s, 0, UINT64_MAX, &octets), 0);
	close(fd);
	return octets;
}

static int late_error(void *context, const struct mbox_span *span)
{
	clock_pause_us(20000);
	return -ENOSPC;
}

/* Nobody waits until a large message has been read for nothing. */
Test(scout, ends_at_once)
{
	const off_t large = (off_t)64 << 30; /* a hole */
	struct buf text = BUF(1000);
	uint64_t before;
	struct scout *s;
	int fd;

	for (int k = 0; k < 3; k++)
		put(&text, FROM "\nx\n\n");
	fd = file_of(&text);
	cr_assert_eq(ftruncate(fd, large), 0);
	s = scout_new(fd, (uint64_t)large, 1);
	cr_assert(s);
	before = octets_read();
	cr_expect_eq(scout_scan(s, 0, late_error, NULL), -ENOSPC);
	scout_free(s);
	cr_expect_lt(octets_read() - before, (uint64_t)large / 2);
	close(fd);
	buf_done(&text);
}

/* A fenced session has no second thread. */
Test(scout, goes_without_where_none_may_be_had)
{
	bool root = geteuid() == 0;
	struct rlimit before, none;
	static struct found f;
	struct buf text = BUF(40000000);
	int fd;

	for (int i = 0; i < 20; i++) {
		put(&text, FROM "\n");
		for (int k = 0; k < 200000; k++)
			put(&text, "aaaaaaa\n");
		put(&text, "\n");
	}
	fd = file_of(&text);
	/* root may have as many as it likes */
	cr_assert(!root || setresuid(65534, 65534, 0) == 0);
	cr_assert_eq(getrlimit(RLIMIT_NPROC, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	cr_assert_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	cr_expect_null(scout_new(fd, text.n, 4000));
	f.n = 0;
	f.most = SPANS;
	cr_expect_eq(scan_mailbox(fd, 0, text.n, on_span, &f), 0);
	cr_expect_eq(f.n, 20);
	cr_assert_eq(setrlimit(RLIMIT_NPROC, &before), 0);
	cr_assert(!root || setresuid(0, 0, 0) == 0);
	close(fd);
	buf_done(&text);
}
