/* SPDX-License-Identifier: ISC */
/* A hostile mailbox is scanned the same however it is cut, and each message's
 * header gives its digest; a message that is quoted, scanned and unquoted
 * comes out as it went in. */
#include <assert.h>

#include "mail/mboxrd.h"
#include "mail/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct slice box;
	size_t chunk;
	struct mbox_span last;
	uint64_t n, octets, lines;
};

static void head_gives_the_digest(struct slice box, size_t chunk,
				  const struct mbox_span *s)
{
	struct slice head = slice_from(slice_upto(box, s->body), s->from);
	struct slice text = slice_from(slice_upto(box, s->end), s->body);
	const struct mbox_body body = { slice_upto(text, MBOX_BODY_MAX),
					text.n <= MBOX_BODY_MAX };
	struct mbox_scan *scanner = mbox_head_new();
	char digest[65];

	for (; head.n > 0; head = slice_from(head, chunk))
		assert(mbox_scan_push(scanner, slice_upto(head, chunk)) == 0);
	assert(mbox_head_end(scanner, s->octets - s->header_octets, &body,
			     digest) == 0);
	assert(strcmp(digest, s->digest) == 0);
	mbox_scan_free(scanner);
}

static int on_span(void *context, const struct mbox_span *span)
{
	struct seen *s = context;

	assert(span->from < span->start && span->start <= span->body);
	assert(span->body <= span->end && span->end <= span->next);
	assert(s->n == 0 || s->last.next == span->from);
	s->last = *span;
	assert(span->header_octets <= span->octets);
	assert(span->seal == 0 ||
	       (span->seal > span->from && span->seal < span->start));
	head_gives_the_digest(s->box, s->chunk, span);
	s->octets += span->octets;
	s->lines += span->lines;
	s->n++;
	return 0;
}

static int scan(struct slice in, size_t chunk, struct seen *ret)
{
	struct mbox_scan *s = mbox_scan_new(0, on_span, ret);
	int r = 0;

	ret->box = in;
	ret->chunk = chunk;
	for (; in.n > 0 && r == 0; in = slice_from(in, chunk))
		r = mbox_scan_push(s, slice_upto(in, chunk));
	if (r == 0)
		r = mbox_scan_end(s);
	mbox_scan_free(s);
	return r;
}

static int to_buf(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

/* As a message of ours begins: a seal of the sender's own, which may be the
 * first line of his, is then one of his fields. */
static void put_envelope(struct buf *box)
{
	const struct seal seal = { .length = 1, .digest = "0123456789abcdef" };
	char line[SEAL_MAX];
	size_t n = seal_format(&seal, line);

	assert(mboxrd_from_line(box, SLICE("a@b"), 0) == 0);
	assert(buf_put(box, (struct slice){ line, n }) == 0);
}

static void round_trip(struct slice in, size_t chunk)
{
	struct buf box = BUF(1 << 24), back = BUF(1 << 24);
	struct seen seen = { .n = 0 };
	struct mboxrd m;
	struct slice rest, message;

	put_envelope(&box);
	mboxrd_start(&m, to_buf, &box);
	for (rest = in; rest.n > 0; rest = slice_from(rest, chunk))
		assert(mboxrd_quote(&m, slice_upto(rest, chunk)) == 0);
	assert(mboxrd_quote_end(&m) == 0);
	assert(scan(buf_slice(&box), chunk, &seen) == 0 && seen.n == 1);
	message = slice_from(slice_upto(buf_slice(&box), seen.last.end),
			     seen.last.start);
	mboxrd_start(&m, to_buf, &back);
	for (rest = message; rest.n > 0; rest = slice_from(rest, chunk))
		assert(mboxrd_unquote(&m, slice_upto(rest, chunk)) == 0);
	assert(mboxrd_unquote_end(&m) == 0);
	assert(slice_eq(in, slice_upto(buf_slice(&back), in.n)));
	assert(back.n == in.n || (back.n == in.n + 1 && back.p[in.n] == '\n'));
	buf_done(&box);
	buf_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct seen whole = { .n = 0 }, cut = { .n = 0 };
	size_t chunk = 1 + size % 11;

	assert(scan(in, SIZE_MAX, &whole) == scan(in, chunk, &cut));
	assert(whole.n == cut.n && whole.octets == cut.octets &&
	       whole.lines == cut.lines);
	round_trip(in, chunk);
	return 0;
}
