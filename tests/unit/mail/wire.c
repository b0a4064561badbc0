/* SPDX-License-Identifier: ISC */
#include "mail/wire.h"

#include <criterion/criterion.h>

#include "dice.h"

#define ALL SIZE_MAX

/* The same as another would write it: line by line, a byte at a time. */
static void put(struct buf *b, char c)
{
	cr_assert_eq(buf_put_byte(b, c), 0);
}

static bool is_quoted(struct slice line)
{
	while (line.n > 1 && line.p[0] == '>' && line.p[1] == '>')
		line = slice_from(line, 1);
	return slice_starts(line, SLICE(">From "));
}

static void model(struct slice in, bool stuff, size_t lines, struct buf *ret)
{
	while (in.n > 0 && lines > 0) {
		size_t lf = slice_find(in, '\n');
		struct slice line = slice_upto(in, lf);

		if (is_quoted(line))
			line = slice_from(line, 1);
		if (stuff && line.n > 0 && line.p[0] == '.')
			put(ret, '.');
		for (size_t i = 0; i < line.n; i++)
			put(ret, line.p[i]);
		if (line.n == 0 || line.p[line.n - 1] != '\r')
			put(ret, '\r');
		put(ret, '\n');
		in = slice_from(in, lf + 1);
		lines -= lines != ALL;
	}
}

/* As the store does: the header whole, then so many lines. */
static void transform(struct slice header, struct slice body, bool stuff,
		      size_t lines, struct dice *d, struct buf *ret)
{
	struct wire w;

	wire_start(&w, stuff, dice_put, ret);
	while (header.n > 0)
		cr_assert_eq(wire_push(&w, dice_piece(d, &header)), 0);
	wire_limit(&w, lines);
	while (body.n > 0)
		cr_assert_eq(wire_push(&w, dice_piece(d, &body)), 0);
	cr_assert_eq(wire_is_full(&w) && lines == ALL, false);
	cr_assert_eq(wire_end(&w), 0);
}

static void dotted(struct dice *d, struct buf *b)
{
	dice_message(d, b);
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == ' ' && dice_roll(d, 2) == 0)
			b->p[i] = '.';
	dice_message(d, b);
}

Test(wire, sends_what_a_simple_model_sends)
{
	struct dice d = { 11 };

	for (int round = 0; round < 8000; round++) {
		struct buf header = BUF(20000), body = BUF(20000);
		struct buf want = BUF(100000), got = BUF(100000);
		size_t lines = dice_roll(&d, 2) == 0 ? ALL : dice_roll(&d, 9);
		bool stuff = dice_roll(&d, 2) == 0;

		dotted(&d, &header);
		put(&header, '\n');
		dotted(&d, &body);
		model(buf_slice(&header), stuff, ALL, &want);
		model(buf_slice(&body), stuff, lines, &want);
		transform(buf_slice(&header), buf_slice(&body), stuff, lines,
			  &d, &got);
		cr_assert(slice_eq(buf_slice(&want), buf_slice(&got)),
			  "round %d", round);
		buf_done(&header);
		buf_done(&body);
		buf_done(&want);
		buf_done(&got);
	}
}

Test(wire, rows)
{
	static const struct {
		struct slice in, out;
	} rows[] = {
		{ SLICE(""), SLICE("") },
		{ SLICE("\n"), SLICE("\r\n") },
		{ SLICE("x"), SLICE("x\r\n") },
		{ SLICE("x\r"), SLICE("x\r\n") },
		{ SLICE("x\r\n"), SLICE("x\r\n") },
		{ SLICE("x\r\r\n\r\n"), SLICE("x\r\r\n\r\n") },
		{ SLICE(".\n..\nx.\n"), SLICE("..\r\n...\r\nx.\r\n") },
		{ SLICE("."), SLICE("..\r\n") },
		{ SLICE(">From \n>>From x\nFrom y\n"),
		  SLICE("From \r\n>From x\r\nFrom y\r\n") },
		{ SLICE(">From"), SLICE(">From\r\n") },
		{ SLICE(">From "), SLICE("From \r\n") },
		{ SLICE(">\n>.\n>"), SLICE(">\r\n>.\r\n>\r\n") },
		{ SLICE(">F\r"), SLICE(">F\r\n") },
		{ SLICE(">\r\n"), SLICE(">\r\n") },
		{ SLICE("\0\xff\n.\0"), SLICE("\0\xff\r\n..\0\r\n") },
	};
	struct dice d = { 12 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF(100);

		transform(rows[i].in, SLICE_NONE, true, ALL, &d, &out);
		cr_expect(slice_eq(buf_slice(&out), rows[i].out), "row %zu: %s",
			  i, rows[i].in.p);
		buf_done(&out);
	}
}

struct pieces {
	size_t n, octets;
};

static int count(void *context, struct slice bytes)
{
	struct pieces *p = context;

	cr_assert_gt(bytes.n, 0);
	p->n++;
	p->octets += bytes.n;
	return p->n > 3 ? -EPIPE : 0;
}

/* Large pieces leave; after an error nothing does. */
Test(wire, gives_out_large_pieces)
{
	struct pieces p = { 0 };
	struct wire w;
	int r = 0;

	wire_start(&w, true, count, &p);
	for (int i = 0; i < 3000; i++)
		cr_assert_eq(wire_push(&w, SLICE("0123456789\n")), 0);
	cr_assert_eq(wire_end(&w), 0);
	cr_expect_eq(p.n, 3);
	cr_expect_eq(p.octets, 36000);
	wire_start(&w, true, count, &p);
	for (int i = 0; i < 3000 && r == 0; i++)
		r = wire_push(&w, SLICE("0123456789\n"));
	cr_expect_eq(r, -EPIPE);
	cr_expect_eq(p.n, 4);
}

Test(wire, takes_lines_longer_than_it_holds)
{
	struct buf in = BUF(100000), want = BUF(100000), got = BUF(100000);
	struct wire w;

	for (int i = 0; i < 3 * WIRE_BYTES; i++)
		put(&in, "x>\r."[i % 4]);
	model(buf_slice(&in), true, ALL, &want);
	wire_start(&w, true, dice_put, &got);
	cr_assert_eq(wire_push(&w, buf_slice(&in)), 0);
	cr_assert_eq(wire_end(&w), 0);
	cr_expect(slice_eq(buf_slice(&want), buf_slice(&got)));
	buf_done(&in);
	buf_done(&want);
	buf_done(&got);
}
