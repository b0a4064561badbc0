/* SPDX-License-Identifier: ISC */
/* See content.h. */
#include "deliver/content.h"

#include "base/file.h"

#define PIECE 16384

/* Nobody's mail passes so many mailboxes: a header that says so is hostile,
 * and comparing costs. */
#define FIELDS_MAX 1000

ssize_t content_piece(const struct content *c, uint64_t at, char *p,
		      size_t room, struct slice *ret)
{
	uint64_t left = at < c->length ? c->length - at : 0;
	ssize_t n;

	if (c->fd < 0) {
		*ret = slice_upto(slice_from(c->text, (size_t)at),
				  (size_t)left);
		return (ssize_t)ret->n;
	}
	if (left < room)
		room = (size_t)left;
	n = file_read_at(c->fd, p, room, c->offset + at);
	*ret = (struct slice){ p, n > 0 ? (size_t)n : 0 };
	return n;
}

int content_header(const struct content *c, header_field *on_field,
		   void *context, uint64_t *ret_length)
{
	char block[PIECE];
	struct header_scan scan;
	struct slice piece;
	uint64_t at = 0;
	bool ended = false;
	ssize_t n;

	header_scan_start(&scan, on_field, context);
	do {
		n = content_piece(c, at, block, sizeof(block), &piece);
		if (n > 0)
			ended = header_scan_push(&scan, piece);
		at += piece.n;
	} while (n > 0 && !ended);
	if (n >= 0)
		header_scan_end(&scan);
	if (n >= 0)
		*ret_length = scan.bytes;
	header_scan_done(&scan);
	return n < 0 ? (int)n : 0;
}

static bool has_eight_bit(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 127)
			return true;
	return false;
}

int content_eight_bit(const struct content *c, uint64_t length)
{
	char block[PIECE];
	struct slice piece;

	for (uint64_t at = 0; at < length; at += piece.n) {
		ssize_t n = content_piece(c, at, block, sizeof(block), &piece);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		if (has_eight_bit(piece))
			return 1;
	}
	return 0;
}

struct loops {
	struct content_address *v;
	size_t n;
	unsigned fields;
};

static void note_field(void *context, struct slice name, struct slice body)
{
	struct loops *l = context;

	if (!slice_eq_nocase(name, SLICE("Delivered-To")) ||
	    l->fields++ >= FIELDS_MAX)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (slice_eq_nocase(body, l->v[i].address))
			l->v[i].been = true;
}

int content_loops(const struct content *c, struct content_address *v, size_t n)
{
	struct loops l = { .v = v, .n = n };
	uint64_t length;

	return content_header(c, note_field, &l, &length);
}
