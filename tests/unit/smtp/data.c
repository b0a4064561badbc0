/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "smtp/data.h"

static int to_buf(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

static const struct row {
	const char *wire, *text;
	enum data_event end;
	size_t left; /* octets behind what was used */
	bool lenient;
} rows[] = {
	{ ".\r\n", "", DATA_END, 0, false },
	{ "a\r\n.\r\nQUIT\r\n", "a\n", DATA_END, 6, false },
	{ "..\r\n...\r\n..x\r\n.\r\n", ".\n..\n.x\n", DATA_END, 0, false },
	{ "\r\n\r\n.\r\n", "\n\n", DATA_END, 0, false },
	{ ".x\r\n.\r\n", "x\n", DATA_END, 0, false },
	{ "a\n.\r\n", "a", DATA_BARE, 3, false },
	{ "a\r\n.\n", "a\n", DATA_BARE, 0, false },
	{ "a\r.\r\n", "a", DATA_BARE, 2, false },
	{ "a\r\r\n.\r\n", "a", DATA_BARE, 4, false },
	{ "a\r\n.\rx", "a\n", DATA_BARE, 0, false },
	{ "a\r\n.", "a\n", DATA_MORE, 0, false },
	{ "a\n.\nQUIT\n", "a\n", DATA_END, 5, true },
	{ "a\r\nb\n.\n", "a\nb\n", DATA_END, 0, true },
	{ "a\rb\n.\n", "a", DATA_BARE, 3, true },
};

static void feed(const struct row *row, size_t chunk)
{
	struct slice rest = slice_of(row->wire);
	struct buf text = BUF(4096);
	enum data_event e = DATA_MORE;
	struct data_in in;

	data_in_start(&in, true, 0, to_buf, &text);
	in.lenient = row->lenient;
	while (rest.n > 0 && e == DATA_MORE) {
		size_t used;

		e = data_in_push(&in, slice_upto(rest, chunk), &used);
		rest = slice_from(rest, used);
	}
	cr_assert_eq(e, row->end, "%s by %zu", row->wire, chunk);
	cr_assert_eq(rest.n, row->left, "%s by %zu", row->wire, chunk);
	cr_assert(slice_eq(buf_slice(&text), slice_of(row->text)),
		  "%s by %zu: %.*s", row->wire, chunk, (int)text.n, text.p);
	buf_done(&text);
}

Test(data, only_crlf_dot_crlf_ends)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t chunk = 1; chunk < 20; chunk++)
			feed(&rows[i], chunk);
}

Test(data, octets_and_long_lines)
{
	struct buf text = BUF(4096);
	struct data_in in;
	size_t used, at = 0;
	struct slice wire =
		SLICE("12345678\r\n..\r\nxxxxxxxxxxxxxxxx\r\n.\r\n");
	int said = 0;
	enum data_event e = DATA_MORE;

	data_in_start(&in, true, 10, to_buf, &text);
	while (e != DATA_END && at < wire.n) {
		e = data_in_push(&in, slice_from(wire, at), &used);
		said += e == DATA_LONG_LINE;
		at += used;
	}
	cr_assert_eq(e, DATA_END);
	cr_assert_eq(said, 1);
	cr_assert_eq(in.octets, 10 + 3 + 18);
	buf_done(&text);
}

Test(data, chunks_have_no_transparency)
{
	struct buf text = BUF(4096);
	struct data_in in;
	size_t used;

	data_in_start(&in, false, 0, to_buf, &text);
	cr_assert_eq(data_in_push(&in, SLICE("..\r\n.\r\nend"), &used),
		     DATA_MORE);
	cr_assert_eq(data_in_finish(&in), DATA_END);
	cr_assert(slice_eq(buf_slice(&text), SLICE("..\n.\nend\n")));
	cr_assert_eq(in.octets, 4 + 3 + 5);
	buf_done(&text);
}

static void to_wire(const char *lines, bool dots, size_t chunk,
		    const char *want)
{
	struct slice rest = slice_of(lines);
	struct buf wire = BUF(4096);
	struct data_to_wire w;

	data_to_wire_start(&w, dots, to_buf, &wire);
	for (; rest.n > 0; rest = slice_from(rest, chunk))
		cr_assert_eq(data_to_wire_push(&w, slice_upto(rest, chunk)), 0);
	cr_assert_eq(data_to_wire_end(&w), 0);
	cr_assert(slice_eq(buf_slice(&wire), slice_of(want)), "%s by %zu: %.*s",
		  lines, chunk, (int)wire.n, wire.p);
	buf_done(&wire);
}

Test(data, to_the_wire)
{
	for (size_t chunk = 1; chunk < 9; chunk++) {
		to_wire("a\n.\n..b\n\nc", true, chunk,
			"a\r\n..\r\n...b\r\n\r\nc\r\n.\r\n");
		to_wire("a\n.\nc", false, chunk, "a\r\n.\r\nc\r\n");
		to_wire("", true, chunk, ".\r\n");
		to_wire("\n", true, chunk, "\r\n.\r\n");
	}
}

Test(data, no_cr_leaves)
{
	struct buf wire = BUF(4096);
	struct data_to_wire w;

	data_to_wire_start(&w, true, to_buf, &wire);
	cr_assert_eq(data_to_wire_push(&w, SLICE("a\r\n.\r\nb")), -EILSEQ);
	buf_done(&wire);
}
