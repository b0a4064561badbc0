/* SPDX-License-Identifier: ISC */
/* See wire.h. A line is looked for with memchr and copied whole; only at its
 * start is there anything to decide, and only behind a '>' may that have to
 * wait for the next piece. */
#include "mail/wire.h"

static const char from_[] = "From ";
#define FROM_LENGTH (sizeof(from_) - 1)

void wire_start(struct wire *w, bool stuff, mboxrd_out *out, void *context)
{
	w->out = out;
	w->context = context;
	w->stuff = stuff;
	w->in_line = false;
	w->matched = 0;
	w->held = 0;
	w->left = SIZE_MAX;
	w->last = '\n';
	w->n = 0;
}

void wire_limit(struct wire *w, size_t lines)
{
	w->left = lines;
}

bool wire_is_full(const struct wire *w)
{
	return w->left == 0;
}

static int flush(struct wire *w)
{
	size_t n = w->n;

	w->n = 0;
	return n > 0 ? w->out(w->context, (struct slice){ w->bytes, n }) : 0;
}

static int put(struct wire *w, struct slice s)
{
	int r = 0;

	if (s.n > sizeof(w->bytes) - w->n)
		r = flush(w);
	if (r < 0)
		return r;
	if (s.n > sizeof(w->bytes))
		return w->out(w->context, s);
	memcpy(w->bytes + w->n, s.p, s.n);
	w->n += s.n;
	return 0;
}

/* ---- where a line begins with '>' ---- */

/* Go on matching ^>+From  here: bytes that were looked at. */
static size_t match(struct wire *w, struct slice bytes, bool *ret_over)
{
	size_t n = 0;

	for (; n < bytes.n && w->matched < FROM_LENGTH; n++) {
		if (w->matched == 0 && bytes.p[n] == '>') {
			w->held++;
		} else if (bytes.p[n] == from_[w->matched]) {
			w->matched++;
		} else {
			*ret_over = true;
			return n;
		}
	}
	*ret_over = w->matched == FROM_LENGTH;
	return n;
}

/* Give out what was held back, one '>' less when the line was quoted. */
static int put_held(struct wire *w)
{
	static const char marks[] = ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>";
	uint64_t n = w->held - (w->matched == FROM_LENGTH ? 1 : 0);
	int r = 0;

	while (n > 0 && r == 0) {
		struct slice some = slice_upto(slice_of(marks), n);

		r = put(w, some);
		n -= some.n;
	}
	if (r == 0)
		r = put(w, (struct slice){ from_, w->matched });
	w->held = 0;
	w->matched = 0;
	return r;
}

/* ---- lines ---- */

/* At the start of a line, or where a '>' held it up. */
static int begin_line(struct wire *w, struct slice *bytes)
{
	bool over;

	if (w->held == 0 && bytes->p[0] != '>') {
		w->in_line = true;
		return w->stuff && bytes->p[0] == '.' ? put(w, SLICE(".")) : 0;
	}
	*bytes = slice_from(*bytes, match(w, *bytes, &over));
	if (!over)
		return 0;
	w->in_line = true;
	w->last = '>'; /* or any other that is no CR */
	return put_held(w);
}

static int end_line(struct wire *w)
{
	bool cr = w->last == '\r';

	w->last = '\n';
	w->in_line = false;
	if (w->left != SIZE_MAX)
		w->left--;
	return put(w, cr ? SLICE("\n") : SLICE("\r\n"));
}

int wire_push(struct wire *w, struct slice bytes)
{
	int r = 0;

	while (bytes.n > 0 && w->left > 0 && r == 0) {
		size_t lf;

		if (!w->in_line) {
			r = begin_line(w, &bytes);
			if (r < 0 || bytes.n == 0)
				break;
		}
		lf = slice_find(bytes, '\n');
		if (lf > 0) {
			r = put(w, slice_upto(bytes, lf));
			w->last = bytes.p[lf - 1];
		}
		if (r == 0 && lf < bytes.n)
			r = end_line(w);
		bytes = slice_from(bytes, lf + 1);
	}
	return r;
}

int wire_end(struct wire *w)
{
	int r = 0;

	if (w->held > 0) {
		w->last = '>';
		r = put_held(w);
	}
	if (r == 0 && w->last != '\n')
		r = end_line(w);
	return r == 0 ? flush(w) : r;
}
