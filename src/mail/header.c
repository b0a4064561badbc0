/* SPDX-License-Identifier: ISC */
/* See header.h. */
#include "mail/header.h"

void header_scan_start(struct header_scan *h, header_field *on_field,
		       void *context)
{
	*h = (struct header_scan){
		.on_field = on_field,
		.context = context,
		.field = BUF(HEADER_FIELD_MAX),
	};
}

void header_scan_done(struct header_scan *h)
{
	buf_done(&h->field);
}

/* ftext of RFC 5322 §3.6.8: printable US-ASCII without the colon. */
static bool is_ftext(char c)
{
	return c > ' ' && c < 127 && c != ':';
}

bool header_is_field(struct slice line)
{
	size_t n = 0, at;

	while (n < line.n && is_ftext(line.p[n]))
		n++;
	at = n;
	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
		at++;
	return n > 0 && at < line.n && line.p[at] == ':';
}

static void give_field(struct header_scan *h, size_t n)
{
	struct slice field = slice_upto(buf_slice(&h->field), n);
	size_t colon = slice_find(field, ':');

	if (h->on_field && header_is_field(field))
		h->on_field(h->context, slice_trim(slice_upto(field, colon)),
			    slice_trim(slice_from(field, colon + 1)));
	buf_drop(&h->field, n);
	h->line_at = 0;
}

/* Keep what fits; the rest of an endless field is not seen. */
static void keep(struct header_scan *h, struct slice text)
{
	size_t room = h->field.ceiling - h->field.n;

	/* it fits; without memory the field is not seen either */
	ignore(buf_put(&h->field, slice_upto(text, room)));
}

/* A line is whole: does it continue the field above, begin one, or end the
 * header? */
static void end_line(struct header_scan *h)
{
	struct slice line = slice_from(buf_slice(&h->field), h->line_at);

	h->ended = h->line_n == 0 || (h->line_n == 1 && h->last == '\r');
	if (line.n > 0 && line.p[line.n - 1] == '\r') {
		line.n--;
		h->field.n--;
	}
	if (h->ended || (line.n > 0 && line.p[0] != ' ' && line.p[0] != '\t'))
		give_field(h, h->line_at);
	h->line_at = h->field.n;
	h->line_n = 0;
}

static void take(struct header_scan *h, struct slice text)
{
	keep(h, text);
	h->bytes += text.n;
	h->line_n += text.n;
	if (text.n > 0)
		h->last = text.p[text.n - 1];
}

bool header_scan_push(struct header_scan *h, struct slice bytes)
{
	while (bytes.n > 0 && !h->ended) {
		size_t lf = slice_find(bytes, '\n');

		take(h, slice_upto(bytes, lf));
		if (lf < bytes.n) {
			h->bytes++;
			end_line(h);
		}
		bytes = slice_from(bytes, lf + 1);
	}
	return h->ended;
}

void header_scan_end(struct header_scan *h)
{
	if (h->ended)
		return;
	if (h->line_n > 0)
		end_line(h);
	give_field(h, h->field.n);
	h->ended = true;
}
