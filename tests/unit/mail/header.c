/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "dice.h"
#include "mail/header.h"

/* Every field as [name|body]. */
static void note(void *context, struct slice name, struct slice body)
{
	struct buf *b = context;

	cr_assert_eq(buf_put_byte(b, '['), 0);
	cr_assert_eq(buf_put(b, name), 0);
	cr_assert_eq(buf_put_byte(b, '|'), 0);
	cr_assert_eq(buf_put(b, body), 0);
	cr_assert_eq(buf_put_byte(b, ']'), 0);
}

/* Octets of the header. */
static uint64_t scan(struct slice text, struct dice *dice, struct buf *ret)
{
	struct header_scan h;
	bool ended = false;

	header_scan_start(&h, note, ret);
	while (text.n > 0) {
		struct slice piece = dice ? dice_piece(dice, &text) : text;

		ended = header_scan_push(&h, piece);
		if (!dice)
			break;
	}
	cr_assert_eq(ended, h.ended);
	header_scan_end(&h);
	cr_assert(h.ended);
	header_scan_done(&h);
	return h.bytes;
}

Test(header, gives_fields)
{
	static const struct {
		struct slice in;
		const char *out;
		uint64_t bytes;
	} rows[] = {
		{ SLICE(""), "", 0 },
		{ SLICE("\n"), "", 1 },
		{ SLICE("\r\nA: b\r\n"), "", 2 },
		{ SLICE("A: b\n\nC: d\n"), "[A|b]", 6 },
		{ SLICE("A: b\r\nC:d \r\n\r\nE: f"), "[A|b][C|d]", 14 },
		{ SLICE("A: b\n"), "[A|b]", 5 },
		{ SLICE("A: b"), "[A|b]", 4 },
		{ SLICE("A: b\r"), "[A|b]", 5 },
		{ SLICE("A: b\n\r"), "[A|b]", 6 },
		{ SLICE("A:\n"), "[A|]", 3 },
		{ SLICE("A \t: b\n"), "[A|b]", 7 },
		{ SLICE("A: b\n c\n\td\nE: f\n\n"), "[A|b c\td][E|f]", 17 },
		{ SLICE("A: b\r\n c\r\n\r\n"), "[A|b c]", 12 },
		{ SLICE("A: b\n \n c\n\n"), "[A|b  c]", 11 },
		{ SLICE(" A: b\nC: d\n\n"), "[C|d]", 12 },
		{ SLICE("no field\nA: b\n\n"), "[A|b]", 15 },
		{ SLICE(": x\nA b: c\n\xc3\xa4: x\nA: b\n\n"), "[A|b]", 23 },
		{ SLICE("A\rB: c\nA: b\rc\n\n"), "[A|b\rc]", 15 },
		{ SLICE("\rA: b\nC: d\n\n"), "[C|d]", 12 },
		{ SLICE("A: b:c\n\n"), "[A|b:c]", 8 },
	};
	struct dice dice = { 4 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int round = 0; round < 20; round++) {
			struct buf out = BUF(10000);
			uint64_t n =
				scan(rows[i].in, round ? &dice : NULL, &out);

			cr_expect_eq(n, rows[i].bytes, "row %zu: %zu", i,
				     (size_t)n);
			cr_expect(slice_eq(buf_slice(&out),
					   slice_of(rows[i].out)),
				  "row %zu: %.*s", i,
				  SLICE_ARG(buf_slice(&out)));
			buf_done(&out);
		}
}

Test(header, keeps_nul_in_a_body)
{
	struct buf out = BUF(100);

	scan(SLICE("A: b\0c\n\0: d\n\n"), NULL, &out);
	cr_expect(slice_eq(buf_slice(&out), SLICE("[A|b\0c]")));
	buf_done(&out);
}

/* An endless field, in one line or many, is cut, and hides none. */
Test(header, sees_what_follows_an_endless_field)
{
	static const char *const more[] = { "x", "\n x", "\r\n\tx" };
	const size_t kept = HEADER_FIELD_MAX + sizeof("[Date|now]");

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		struct buf in = BUF(100000), out = BUF(100000),
			   other = BUF(100000);
		struct dice dice = { 5 };
		struct slice seen;

		cr_assert_eq(buf_put(&in, SLICE("To: ")), 0);
		for (int n = 0; n < 3 * HEADER_FIELD_MAX; n++)
			cr_assert_eq(buf_put(&in, slice_of(more[i])), 0);
		cr_assert_eq(buf_put(&in, SLICE("\nDate: now\n\n")), 0);
		cr_expect_eq(scan(buf_slice(&in), NULL, &out), in.n);
		cr_expect_eq(scan(buf_slice(&in), &dice, &other), in.n);
		seen = buf_slice(&out);
		cr_expect(slice_starts(seen, SLICE("[To|x")));
		cr_expect(slice_ends(seen, SLICE("x][Date|now]")), "row %zu",
			  i);
		cr_expect_leq(seen.n, kept);
		cr_expect(i > 0 || seen.n == kept, "%zu", seen.n);
		cr_expect(slice_eq(seen, buf_slice(&other)), "row %zu", i);
		buf_done(&in);
		buf_done(&out);
		buf_done(&other);
	}
}

Test(header, is_the_same_in_any_chunking)
{
	struct dice dice = { 6 };

	for (int round = 0; round < 2000; round++) {
		struct buf in = BUF(20000), one = BUF(20000),
			   other = BUF(20000);

		dice_message(&dice, &in);
		cr_assert_eq(scan(buf_slice(&in), NULL, &one),
			     scan(buf_slice(&in), &dice, &other));
		cr_assert(slice_eq(buf_slice(&one), buf_slice(&other)),
			  "round %d", round);
		buf_done(&in);
		buf_done(&one);
		buf_done(&other);
	}
}

Test(header, needs_nobody_to_listen)
{
	struct header_scan h;

	header_scan_start(&h, NULL, NULL);
	cr_expect(!header_scan_push(&h, SLICE("A: b\n")));
	cr_expect(header_scan_push(&h, SLICE("\nbody")));
	cr_expect(header_scan_push(&h, SLICE("more")));
	cr_expect_eq(h.bytes, 6);
	header_scan_done(&h);
}

Test(header, knows_a_field)
{
	static const struct {
		const char *line;
		bool is;
	} rows[] = {
		{ "A:", true },      { "Subject: x", true },
		{ "A \t:b", true },  { "X-A_b!:", true },
		{ "", false },       { ":", false },
		{ " A:", false },    { "A", false },
		{ "A b:", false },   { "\xc3\xa4:", false },
		{ "A\x7f:", false }, { "From a@b Mon 07:15:03", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(header_is_field(slice_of(rows[i].line)),
			     rows[i].is, "%s", rows[i].line);
}
