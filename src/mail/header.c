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

static void give_field(struct header_scan *h)
{
	struct slice field = buf_slice(&h->field);
	size_t colon = slice_find(field, ':');

	if (h->on_field && header_is_field(field))
		h->on_field(h->context, slice_trim(slice_upto(field, colon)),
			    slice_trim(slice_from(field, colon + 1)));
	buf_reset(&h->field);
}

/* Keep what fits; the rest of an endless field is not seen. */
static void keep(struct header_scan *h, struct slice text)
{
	size_t room = h->field.ceiling - h->field.n;

	/* it fits; without memory the field is not seen either */
	ignore(buf_put(&h->field, slice_upto(text, room)));
}

static void end_line(struct header_scan *h)
{
	struct buf *field = &h->field;

	h->ended = h->line_n == 0 || (h->line_n == 1 && h->last == '\r');
	if (h->last == '\r' && field->n > 0 && field->p[field->n - 1] == '\r')
		field->n--;
	if (h->ended)
		give_field(h);
	h->line_n = 0;
	h->last = '\0';
}

/* A piece of a line. Its first byte tells whether the field above goes on, so
 * that one too long to be kept never hides the next. */
static void take(struct header_scan *h, struct slice text)
{
	if (text.n == 0)
		return;
	if (h->line_n == 0 && text.p[0] != ' ' && text.p[0] != '\t')
		give_field(h);
	keep(h, text);
	h->bytes += text.n;
	h->line_n += text.n;
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
	give_field(h);
	h->ended = true;
}
