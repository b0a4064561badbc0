/* SPDX-License-Identifier: ISC */
/* See data.h. RFC 5321 §2.3.8, §4.1.1.4, §4.5.2. Never takes anything but
 * CRLF.CRLF for the end, and never lets a bare CR or LF through. */
#include "smtp/data.h"

/* Where in CRLF . CRLF we stand. */
enum {
	AT_START, /* of a line */
	IN_LINE,
	BEHIND_CR,
	BEHIND_DOT, /* the line's first, taken off */
	BEHIND_DOT_CR,
};

void data_in_start(struct data_in *d, bool dots, uint64_t line_max,
		   data_out *out, void *context)
{
	*d = (struct data_in){
		.out = out,
		.context = context,
		.line_max = line_max,
		.dots = dots,
		.state = AT_START,
	};
}

static void give(struct data_in *d, struct slice bytes)
{
	if (d->error == 0 && bytes.n > 0)
		d->error = d->out(d->context, bytes);
}

static enum data_event end_line(struct data_in *d)
{
	give(d, SLICE("\n"));
	d->octets += 2;
	d->column = 0;
	d->state = AT_START;
	return DATA_MORE;
}

static enum data_event line_feed(struct data_in *d)
{
	return d->lenient ? end_line(d) : DATA_BARE;
}

/* What stands before the next CR or LF. */
static enum data_event take_text(struct data_in *d, struct slice in,
				 size_t *ret_used)
{
	size_t n = slice_find(in, '\n');

	n = slice_find(slice_upto(in, n), '\r');
	give(d, slice_upto(in, n));
	d->octets += n;
	d->column += n;
	d->state = IN_LINE;
	*ret_used = n;
	if (d->line_max > 0 && d->column + 2 > d->line_max && !d->long_said) {
		d->long_said = true;
		return DATA_LONG_LINE;
	}
	if (n == in.n)
		return DATA_MORE;
	*ret_used = n + 1;
	if (in.p[n] == '\n')
		return line_feed(d);
	d->state = BEHIND_CR;
	return DATA_MORE;
}

static enum data_event behind_dot(struct data_in *d, struct slice in,
				  size_t *ret_used)
{
	*ret_used = 1;
	if (in.p[0] == '\r') {
		d->state = BEHIND_DOT_CR;
		return DATA_MORE;
	}
	if (in.p[0] == '\n')
		return d->lenient ? DATA_END : DATA_BARE;
	return take_text(d, in, ret_used);
}

/* Go on by at least one byte, or with DATA_LONG_LINE perhaps by none. */
static enum data_event step(struct data_in *d, struct slice in,
			    size_t *ret_used)
{
	*ret_used = 1;
	switch (d->state) {
	case BEHIND_CR:
		return in.p[0] == '\n' ? end_line(d) : DATA_BARE;
	case BEHIND_DOT:
		return behind_dot(d, in, ret_used);
	case BEHIND_DOT_CR:
		return in.p[0] == '\n' ? DATA_END : DATA_BARE;
	case AT_START:
		if (d->dots && in.p[0] == '.') {
			d->state = BEHIND_DOT;
			return DATA_MORE;
		}
		break;
	default:
		break;
	}
	return take_text(d, in, ret_used);
}

enum data_event data_in_push(struct data_in *d, struct slice bytes,
			     size_t *ret_used)
{
	enum data_event e = DATA_MORE;
	size_t at = 0;

	while (at < bytes.n && e == DATA_MORE) {
		size_t used;

		e = step(d, slice_from(bytes, at), &used);
		at += used;
	}
	*ret_used = at;
	return e;
}

enum data_event data_in_finish(struct data_in *d)
{
	if (d->state == BEHIND_CR)
		return DATA_BARE;
	if (d->state == IN_LINE)
		(void)end_line(d); /* always DATA_MORE */
	return DATA_END;
}

void data_to_wire_start(struct data_to_wire *d, bool dots, data_out *out,
			void *context)
{
	*d = (struct data_to_wire){
		.out = out,
		.context = context,
		.dots = dots,
		.at_line_start = true,
	};
}

/* One line, or the part of it that is here. */
static int line_to_wire(struct data_to_wire *d, struct slice text, bool whole)
{
	int r = 0;

	if (slice_find(text, '\r') < text.n)
		return -EILSEQ;
	if (d->dots && d->at_line_start && text.n > 0 && text.p[0] == '.')
		r = d->out(d->context, SLICE("."));
	if (r == 0 && text.n > 0)
		r = d->out(d->context, text);
	if (r == 0 && whole)
		r = d->out(d->context, SLICE("\r\n"));
	d->at_line_start = whole;
	return r;
}

int data_to_wire_push(struct data_to_wire *d, struct slice bytes)
{
	int r = 0;

	while (bytes.n > 0 && r == 0) {
		size_t n = slice_find(bytes, '\n');

		d->any = true;
		r = line_to_wire(d, slice_upto(bytes, n), n < bytes.n);
		bytes = slice_from(bytes, n + 1);
	}
	return r;
}

int data_to_wire_end(struct data_to_wire *d)
{
	int r = 0;

	if (!d->at_line_start)
		r = d->out(d->context, SLICE("\r\n"));
	d->at_line_start = true;
	if (r == 0 && d->dots)
		r = d->out(d->context, SLICE(".\r\n"));
	return r;
}
