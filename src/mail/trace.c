/* SPDX-License-Identifier: ISC */
/* See trace.h. RFC 5321 §4.4: what a stranger said stands where the grammar
 * wants it and cannot leave it. */
#include "mail/trace.h"

#include "base/escape.h"
#include "mail/date.h"

#define HELO_MAX 255

/* A HELO name or address text: what could end a word, a comment or a line
 * becomes '?'. */
static int put_word(struct buf *b, struct slice s)
{
	int r = 0;

	s = slice_upto(s, HELO_MAX);
	if (s.n == 0)
		return buf_put(b, SLICE("unknown"));
	for (size_t i = 0; i < s.n && r == 0; i++) {
		bool safe = ascii_is_alnum(s.p[i]) ||
			    (s.p[i] != '\0' && strchr(".-:[]_@+=/", s.p[i]));

		r = buf_put_byte(b, safe ? s.p[i] : '?');
	}
	return r;
}

static int put_from(struct buf *b, const struct trace *t)
{
	int r = buf_put(b, SLICE("Received: from "));

	if (r == 0)
		r = put_word(b, t->helo);
	if (r == 0)
		r = buf_put(b, SLICE(" ("));
	if (r == 0 && t->peer_name.n > 0) {
		r = put_word(b, t->peer_name);
		if (r == 0 && t->peer_ip.n > 0)
			r = buf_put_byte(b, ' ');
	}
	if (r == 0 && t->peer_ip.n > 0)
		r = buf_printf(b, "[%.*s]", SLICE_ARG(t->peer_ip));
	else if (r == 0 && t->peer_name.n == 0)
		r = buf_put(b, SLICE("a pipe"));
	return r == 0 ? buf_put_byte(b, ')') : r;
}

/* "for" is a Path: only plain ones are shown, nothing else can be proved
 * harmless in a header. */
static bool can_be_shown(struct slice address)
{
	if (address.n == 0 || address.n > 254 || !utf8_valid(address))
		return false;
	for (size_t i = 0; i < address.n; i++)
		if ((unsigned char)address.p[i] <= ' ' ||
		    strchr("<>()\"\\,;", address.p[i]) || address.p[i] == 127)
			return false;
	return true;
}

int trace_received(struct buf *b, const struct trace *t)
{
	char date[DATE_MAX];
	int r = put_from(b, t);

	if (r == 0)
		r = buf_printf(b, "\n\tby %.*s with %.*s", SLICE_ARG(t->host),
			       SLICE_ARG(t->with));
	if (r == 0 && t->tls_version.n > 0)
		r = buf_printf(b, "\n\t(%.*s, %.*s)", SLICE_ARG(t->tls_version),
			       SLICE_ARG(t->tls_cipher));
	if (r == 0)
		r = buf_printf(b, "%sid %.*s",
			       t->tls_version.n > 0 ? "\n\t" : " ",
			       SLICE_ARG(t->id));
	if (r == 0 && can_be_shown(t->only_for))
		r = buf_printf(b, "\n\tfor <%.*s>", SLICE_ARG(t->only_for));
	date_rfc5322(t->real_us, date);
	return r == 0 ? buf_printf(b, ";\n\t%s\n", date) : r;
}

/* An address as it stands in a header field: no line can be broken out of. */
static int put_address(struct buf *b, struct slice address)
{
	int r = 0;

	for (size_t i = 0; i < address.n && r == 0; i++) {
		unsigned char c = (unsigned char)address.p[i];

		r = buf_put_byte(b, c < ' ' || c == 127 ? '?' : (char)c);
	}
	return r;
}

int trace_return_path(struct buf *b, struct slice from)
{
	int r = buf_put(b, SLICE("Return-Path: <"));

	if (r == 0)
		r = put_address(b, from);
	return r == 0 ? buf_put(b, SLICE(">\n")) : r;
}

int trace_delivered_to(struct buf *b, struct slice address)
{
	int r = buf_put(b, SLICE("Delivered-To: "));

	if (r == 0)
		r = put_address(b, address);
	return r == 0 ? buf_put_byte(b, '\n') : r;
}
