/* SPDX-License-Identifier: ISC */
/* See line.h. */
#include "net/line.h"

/* Why the stream gave nothing more. */
static enum line_event event_of(ssize_t n)
{
	if (n == 0)
		return LINE_EOF;
	if (n == -ECANCELED)
		return LINE_CANCELLED;
	return n == -ETIMEDOUT ? LINE_TIMEOUT : LINE_ERROR;
}

/* Look at `n` bytes that end in LF: the line without its end, or LINE_BARE. */
static enum line_event judge(struct slice whole, bool lenient,
			     struct slice *ret)
{
	struct slice line = slice_upto(whole, whole.n - 1);

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	else if (!lenient)
		return LINE_BARE;
	if (slice_find(line, '\r') < line.n)
		return LINE_BARE;
	*ret = line;
	return LINE_OK;
}

/* Drop what is buffered and what follows, up to a LF. Only the last byte
 * dropped is remembered: a LF behind it must be a CRLF's. */
static enum line_event skip_long(struct stream *s, bool lenient)
{
	char last = '\0';

	for (;;) {
		struct slice in = stream_peek(s);
		size_t lf = slice_find(in, '\n');
		size_t cr = slice_find(slice_upto(in, lf), '\r');
		ssize_t n;

		if (last == '\r' && lf > 0 && in.n > 0)
			return LINE_BARE;
		if (cr + 1 < lf)
			return LINE_BARE;
		if (lf > 0 && in.n > 0)
			last = in.p[lf - 1];
		if (lf < in.n) {
			stream_consume(s, lf + 1);
			return last == '\r' || lenient ? LINE_TOO_LONG
						       : LINE_BARE;
		}
		stream_consume(s, in.n);
		n = stream_fill(s);
		if (n <= 0)
			return event_of(n);
	}
}

enum line_event line_read(struct stream *s, size_t most, bool lenient,
			  struct slice *ret)
{
	size_t seen = 0;

	if (most > STREAM_IN_BYTES)
		most = STREAM_IN_BYTES;
	for (;;) {
		struct slice in = stream_peek(s);
		size_t lf = seen + slice_find(slice_from(in, seen), '\n');
		ssize_t n;

		if (lf < in.n && lf < most) {
			enum line_event e =
				judge(slice_upto(in, lf + 1), lenient, ret);

			stream_consume(s, lf + 1);
			return e;
		}
		if (in.n >= most)
			return skip_long(s, lenient);
		seen = in.n;
		n = stream_fill(s);
		if (n <= 0)
			return event_of(n);
	}
}
