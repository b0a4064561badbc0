/* SPDX-License-Identifier: ISC */
/* A hostile message on its way to a POP3 client: the same however it is cut,
 * every line ended by CRLF, no line that is a dot alone, and the limit of TOP
 * kept. The first byte: how it is cut; the second one: how many lines. */
#include <assert.h>

#include "mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int to_buf(void *context, struct slice bytes)
{
	assert(bytes.n > 0);
	return buf_put(context, bytes);
}

static void transform(struct slice in, size_t chunk, size_t lines,
		      struct buf *ret)
{
	struct wire w;

	wire_start(&w, true, to_buf, ret);
	wire_limit(&w, lines);
	for (; in.n > 0; in = slice_from(in, chunk))
		assert(wire_push(&w, slice_upto(in, chunk)) == 0);
	assert(wire_end(&w) == 0);
}

static size_t count_lines(struct slice sent)
{
	size_t n = 0;

	while (sent.n > 0) {
		size_t lf = slice_find(sent, '\n');
		struct slice line = slice_upto(sent, lf);

		assert(lf < sent.n && slice_ends(line, SLICE("\r")));
		assert(!slice_eq(line, SLICE(".\r")));
		sent = slice_from(sent, lf + 1);
		n++;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF(1 << 24), cut = BUF(1 << 24);
	struct slice in;
	size_t lines;

	if (size < 2)
		return 0;
	in = slice_from((struct slice){ (const char *)data, size }, 2);
	lines = data[1] == 255 ? SIZE_MAX : data[1];
	transform(in, SIZE_MAX, lines, &whole);
	transform(in, 1U + data[0], lines, &cut);
	assert(slice_eq(buf_slice(&whole), buf_slice(&cut)));
	assert(count_lines(buf_slice(&whole)) <= lines);
	buf_done(&whole);
	buf_done(&cut);
	return 0;
}
