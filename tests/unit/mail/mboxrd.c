/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "dice.h"

typedef int transform(struct mboxrd *m, struct slice bytes);

static void whole(transform *push, struct slice in, struct buf *out)
{
	struct mboxrd m;

	mboxrd_start(&m, dice_put, out);
	cr_assert_eq(push(&m, in), 0);
	cr_assert_eq(push == mboxrd_quote ? mboxrd_quote_end(&m)
					  : mboxrd_unquote_end(&m),
		     0);
}

static void pieces(transform *push, struct slice in, struct buf *out,
		   struct dice *dice)
{
	struct mboxrd m;

	mboxrd_start(&m, dice_put, out);
	while (in.n > 0)
		cr_assert_eq(push(&m, dice_piece(dice, &in)), 0);
	cr_assert_eq(push == mboxrd_quote ? mboxrd_quote_end(&m)
					  : mboxrd_unquote_end(&m),
		     0);
}

Test(mboxrd, quotes)
{
	static const struct {
		struct slice in, out;
	} rows[] = {
		{ SLICE(""), SLICE("\n") },
		{ SLICE("x"), SLICE("x\n\n") },
		{ SLICE("x\n"), SLICE("x\n\n") },
		{ SLICE("From "), SLICE(">From \n\n") },
		{ SLICE("From x\n"), SLICE(">From x\n\n") },
		{ SLICE("From"), SLICE("From\n\n") },
		{ SLICE("From\n"), SLICE("From\n\n") },
		{ SLICE("from x\n"), SLICE("from x\n\n") },
		{ SLICE(" From x\n"), SLICE(" From x\n\n") },
		{ SLICE("> From x\n"), SLICE("> From x\n\n") },
		{ SLICE(">>From x"), SLICE(">>>From x\n\n") },
		{ SLICE(">>"), SLICE(">>\n\n") },
		{ SLICE("a\n>From x\nb\nFrom y\n"),
		  SLICE("a\n>>From x\nb\n>From y\n\n") },
		{ SLICE("a\rFrom x\n"), SLICE("a\rFrom x\n\n") },
		{ SLICE("a\r\nFrom x\r\n"), SLICE("a\r\n>From x\r\n\n") },
		{ SLICE("\0From x\nFrom \0\n"),
		  SLICE("\0From x\n>From \0\n\n") },
		{ SLICE("FFrom x\n"), SLICE("FFrom x\n\n") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF(1000);

		whole(mboxrd_quote, rows[i].in, &out);
		cr_expect(slice_eq(buf_slice(&out), rows[i].out), "row %zu: %s",
			  i, rows[i].in.p);
		buf_done(&out);
	}
}

Test(mboxrd, unquotes_one_mark)
{
	static const struct {
		struct slice in, out;
	} rows[] = {
		{ SLICE(">From x\n"), SLICE("From x\n") },
		{ SLICE(">>>From x\n"), SLICE(">>From x\n") },
		{ SLICE("From x\n"), SLICE("From x\n") },
		{ SLICE(">from x\n>"), SLICE(">from x\n>") },
		{ SLICE("a>From x"), SLICE("a>From x") },
		{ SLICE("a\n>From"), SLICE("a\n>From") },
		{ SLICE("\n>From \r\n"), SLICE("\nFrom \r\n") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF(1000);

		whole(mboxrd_unquote, rows[i].in, &out);
		cr_expect(slice_eq(buf_slice(&out), rows[i].out), "row %zu: %s",
			  i, rows[i].in.p);
		buf_done(&out);
	}
}

/* What went in comes out, whatever it was and however it was cut; but for the
 * last LF and the empty line, which are the mailbox's. */
Test(mboxrd, is_reversible)
{
	struct dice dice = { 1 };

	for (int round = 0; round < 5000; round++) {
		struct buf in = BUF(10000), quoted = BUF(10000),
			   again = BUF(10000), back = BUF(10000);

		dice_message(&dice, &in);
		whole(mboxrd_quote, buf_slice(&in), &quoted);
		pieces(mboxrd_quote, buf_slice(&in), &again, &dice);
		cr_assert(slice_eq(buf_slice(&quoted), buf_slice(&again)),
			  "round %d", round);
		pieces(mboxrd_unquote, buf_slice(&quoted), &back, &dice);
		if (in.n > 0 && in.p[in.n - 1] != '\n')
			cr_assert_eq(buf_put_byte(&in, '\n'), 0);
		cr_assert_eq(buf_put_byte(&in, '\n'), 0);
		cr_assert(slice_eq(buf_slice(&back), buf_slice(&in)),
			  "round %d", round);
		buf_done(&in);
		buf_done(&quoted);
		buf_done(&again);
		buf_done(&back);
	}
}

static int refuse(void *context, struct slice bytes)
{
	int *left = context;

	(void)bytes;
	return (*left)-- > 0 ? 0 : -ENOSPC;
}

Test(mboxrd, stops_when_the_bytes_cannot_go_out)
{
	for (int after = 0; after < 4; after++) {
		int left = after, r;
		struct mboxrd m;

		mboxrd_start(&m, refuse, &left);
		r = mboxrd_quote(&m, SLICE("a\nFrom x\nb"));
		if (r == 0)
			r = mboxrd_quote_end(&m);
		cr_expect_eq(r, -ENOSPC, "after %d: %d", after, r);
	}
}

Test(mboxrd, writes_the_from_line)
{
	static const struct {
		struct slice sender;
		const char *line;
	} rows[] = {
		{ SLICE("a@example.org"),
		  "From a@example.org Thu Jan  1 00:00:00 1970\n" },
		{ SLICE(""), "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n" },
		{ SLICE("\"a b\nFrom c\"@d\0\x7f"),
		  "From \"a-b-From-c\"@d-- Thu Jan  1 00:00:00 1970\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf line = BUF(1000);

		cr_assert_eq(mboxrd_from_line(&line, rows[i].sender, 0), 0);
		cr_expect(slice_eq(buf_slice(&line), slice_of(rows[i].line)),
			  "row %zu", i);
		cr_expect(mboxrd_is_from(
			slice_upto(buf_slice(&line), line.n - 1)));
		buf_done(&line);
	}
}

Test(mboxrd, knows_a_from_line)
{
	static const struct {
		const char *line;
		bool is;
	} rows[] = {
		{ "From a@b Mon Nov 23 07:15:03 2026", true },
		{ "From a@b Mon Nov 23 07:15:03 2026\r", true },
		{ "From a@b  Mon Nov  3 07:15:03 2026", true },
		{ "From a@b Mon Nov 23 07:15 2026", true },
		{ "From a@b Mon Nov 23 07:15:03 MET 2026", true },
		{ "From a@b Mon Nov 23 07:15:03 MET DST 2026", true },
		{ "From a@b Mon Nov 23 07:15:03 2026 +0100", true },
		{ "From a@b Mon Nov 23 07:15:03 2026 remote from c", true },
		{ "From - Mon Nov 23 07:15:03 2026", true },
		{ "From \"a b\"@c Mon Nov 23 07:15:03 2026", true },
		{ "From \"a \\\" b\"@c Mon Nov 23 07:15:03 2026", true },
		{ "From \"a\" b Mon Nov 23 07:15:03 2026", false },
		{ "From a b c Mon Nov 23 07:15:03 2026", false },
		{ "From \"a Mon Nov 23 07:15:03 2026", true },
		{ "From a\\ Mon Nov 23 07:15:03 2026", true },
		{ "From Mon Nov 23 07:15:03 2026", true },
		{ "From  Mon Nov 23 07:15:03 2026", true },
		{ "From mon Mon Nov 23 07:15:03 2026", true },
		{ "From a@b MON NOV 23 07:15:03 2026", true },
		{ "From a@b Mon, 23 Nov 2026 07:15:03 +0000", true },
		{ "From a@b Mon, Nov 23 2026 07:15:03 +0000", false },
		{ "From a@b Mon 23 Nov 2026 07:15:03 +0000", false },
		{ "From a@b Mon Nov 23 7:15:03 2026", true },
		{ "From a@b Mon Nov 99 99:99:99 26 or so", true },
		{ "From a@b", false },
		{ "From ", false },
		{ "From", false },
		{ "", false },
		{ "from a@b Mon Nov 23 07:15:03 2026", false },
		{ ">From a@b Mon Nov 23 07:15:03 2026", false },
		{ "From: a@b Mon Nov 23 07:15:03 2026", false },
		{ "From a@b Mon Nov 23 07:15:03", false },
		{ "From a@b Mon Nov 123 07:15:03 2026", false },
		{ "From a@b Mon Nov 23 07 2026", false },
		{ "From a@b Mon Nov 23 07:15:03:04 2026", false },
		{ "From a@b Mon Nov 23 07:15:03 226", false },
		{ "From a@b Mon Nov 23 07:15:03 a b c 2026", false },
		{ "From a@b Mon Nov 23 0715:033 2026", false },
		{ "From a@b Mon Foo 23 07:15:03 2026", false },
		{ "From a@b nMo Nov 23 07:15:03 2026", false },
		{ "From all of us on Mon Nov 23", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(mboxrd_is_from(slice_of(rows[i].line)), rows[i].is,
			     "%s", rows[i].line);
}

/* Whatever the sender, what we write we know again. */
Test(mboxrd, knows_its_own_from_lines)
{
	static const char few[] = "\\\" \t,:Monx\r\n<>@";
	struct dice d = { 5 };

	for (int round = 0; round < 3000; round++) {
		struct buf line = BUF(1000);
		char sender[600];
		size_t n = dice_roll(&d, dice_roll(&d, 9) == 0 ? 600 : 9);

		for (size_t i = 0; i < n; i++)
			sender[i] = few[dice_roll(&d, sizeof(few))];
		cr_assert_eq(
			mboxrd_from_line(&line, (struct slice){ sender, n }, 0),
			0);
		cr_assert(mboxrd_is_from(
				  slice_upto(buf_slice(&line), line.n - 1)),
			  "round %d: %.*s", round, SLICE_ARG(buf_slice(&line)));
		buf_done(&line);
	}
}

Test(mboxrd, takes_from_lines_apart)
{
	static const struct {
		struct slice line;
		const char *sender; /* NULL: it is none */
	} rows[] = {
		{ SLICE("From a@b Mon Nov 23 07:15:03 2026"), "a@b" },
		{ SLICE("From  a b  Mon Nov 23 07:15 2026 +0100"), "a b" },
		{ SLICE("From - Mon Nov 23 07:15:03 2026"), "-" },
		{ SLICE("From Mon Nov 23 07:15:03 2026"), "" },
		{ SLICE("From a@b Mon, 23 Nov 2026 07:15:03\r"), "a@b" },
		{ SLICE("From a@b Mon, 23 Nov 2026 7:15:3 +0100"), "a@b" },
		{ SLICE("From a@b"), NULL },
		{ SLICE("From "), NULL },
		{ SLICE(">From a@b Mon Nov 23 07:15:03 2026"), NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice sender = SLICE_NONE;
		int64_t us = 0;
		bool is = mboxrd_from_parse(rows[i].line, &sender, &us);

		cr_expect_eq(is, rows[i].sender != NULL, "%zu", i);
		cr_expect(is || !mboxrd_is_from(rows[i].line), "%zu", i);
		if (is)
			cr_expect(slice_eq(sender, slice_of(rows[i].sender)) &&
					  us / 60000000 == 1795418103 / 60,
				  "%zu", i);
	}
}
