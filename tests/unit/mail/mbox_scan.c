/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "dice.h"

#define FROM "From a@b Mon Nov 23 07:15:03 2026\n"
#define SEAL "X-Postern-Seal: 000000000099 0123456789abcdef once\n"
#define NOTICE                                                                 \
	"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL "               \
	"DATA\nX-IMAP: 1 2\nStatus: RO\n\ntext\n\n"

struct found {
	struct mbox_span spans[16];
	size_t n;
};

static int on_span(void *context, const struct mbox_span *span)
{
	struct found *f = context;

	if (f->n == ARRAY_LEN(f->spans))
		return -E2BIG;
	f->spans[f->n++] = *span;
	return 0;
}

static int scan_at(uint64_t at, struct slice box, struct found *ret,
		   struct dice *dice)
{
	struct mbox_scan *s;
	int r = 0;

	ret->n = 0;
	s = mbox_scan_new(at, on_span, ret);
	cr_assert(s);
	while (box.n > 0 && r == 0) {
		struct slice piece = dice ? dice_piece(dice, &box) : box;

		r = mbox_scan_push(s, piece);
		if (!dice)
			break;
	}
	if (r == 0)
		r = mbox_scan_end(s);
	mbox_scan_free(s);
	return r;
}

static int scan(const char *box, struct found *ret)
{
	return scan_at(0, slice_of(box), ret, NULL);
}

/* What RETR sends of it, as another would write it: one byte a time. */
static void as_sent(struct slice lines, struct buf *ret)
{
	struct buf plain = BUF(100000);
	struct mboxrd m;
	char last = '\n';

	mboxrd_start(&m, dice_put, &plain);
	cr_assert_eq(mboxrd_unquote(&m, lines), 0);
	cr_assert_eq(mboxrd_unquote_end(&m), 0);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '\n' && last != '\r')
			cr_assert_eq(buf_put_byte(ret, '\r'), 0);
		last = plain.p[i];
		cr_assert_eq(buf_put_byte(ret, last), 0);
	}
	if (last != '\n')
		cr_assert_eq(buf_put(ret, last == '\r' ? SLICE("\n")
						       : SLICE("\r\n")),
			     0);
	buf_done(&plain);
}

static void append(struct buf *box, struct slice message, struct dice *dice)
{
	struct mboxrd m;

	cr_assert_eq(mboxrd_from_line(box, SLICE("a@b"), 0), 0);
	mboxrd_start(&m, dice_put, box);
	while (message.n > 0)
		cr_assert_eq(mboxrd_quote(&m, dice_piece(dice, &message)), 0);
	cr_assert_eq(mboxrd_quote_end(&m), 0);
}

/* Of a header in pieces of `n`, and the body behind it. */
static int head_digest(struct slice head, size_t n, uint64_t body_octets,
		       struct slice text, char ret[65])
{
	const struct mbox_body body = { slice_upto(text, MBOX_BODY_MAX),
					text.n <= MBOX_BODY_MAX };
	struct mbox_scan *s = mbox_head_new();
	int r = 0;

	cr_assert(s);
	for (; r == 0 && head.n > 0; head = slice_from(head, n))
		r = mbox_scan_push(s, slice_upto(head, n));
	if (r == 0)
		r = mbox_head_end(s, body_octets, &body, ret);
	mbox_scan_free(s);
	return r;
}

/* The header's octets, the lines; and the header alone gives the digest. */
static void expect_counts(struct slice box, const struct mbox_span *span,
			  struct slice sent, int round)
{
	struct slice head = slice_from(slice_upto(box, span->body), span->from);
	struct slice body = slice_from(slice_upto(box, span->end), span->body);
	struct buf header = BUF(100000);
	uint64_t lines = 0;
	char digest[65] = "";

	for (size_t i = 0; i < sent.n; i++)
		lines += sent.p[i] == '\n';
	cr_assert_eq(span->lines, lines, "round %d", round);
	as_sent(slice_from(slice_upto(box, span->body), span->start), &header);
	cr_assert_eq(span->header_octets, header.n, "round %d", round);
	for (size_t n = 1; n <= 4096; n *= 16) {
		cr_assert_eq(head_digest(head, n,
					 span->octets - span->header_octets,
					 body, digest),
			     0, "round %d", round);
		cr_assert_str_eq(digest, span->digest, "round %d", round);
	}
	buf_done(&header);
}

static void expect_message(struct slice box, const struct mbox_span *span,
			   struct buf *in, int round)
{
	struct slice kept = slice_from(slice_upto(box, span->end), span->start);
	struct buf back = BUF(100000), sent = BUF(100000);
	struct mboxrd m;

	if (in->n > 0 && in->p[in->n - 1] != '\n')
		cr_assert_eq(buf_put_byte(in, '\n'), 0);
	mboxrd_start(&m, dice_put, &back);
	cr_assert_eq(mboxrd_unquote(&m, kept), 0);
	cr_assert_eq(mboxrd_unquote_end(&m), 0);
	cr_assert(slice_eq(buf_slice(&back), buf_slice(in)), "round %d", round);
	as_sent(kept, &sent);
	cr_assert_eq(span->octets, sent.n, "round %d: %llu, not %zu", round,
		     (unsigned long long)span->octets, sent.n);
	expect_counts(box, span, buf_slice(&sent), round);
	cr_assert(span->start <= span->body && span->body <= span->end &&
			  span->end <= span->next,
		  "round %d", round);
	buf_done(&back);
	buf_done(&sent);
}

/* Append, scan, read: what went in comes out, in any chunking. */
Test(mbox_scan, what_is_appended_comes_back)
{
	struct dice dice = { 2 };

	for (int round = 0; round < 4000; round++) {
		struct buf box = BUF(100000), in[4];
		size_t n = dice_roll(&dice, ARRAY_LEN(in)) + 1;
		struct found found;

		for (size_t i = 0; i < n; i++) {
			in[i] = BUF(20000);
			dice_message(&dice, &in[i]);
			append(&box, buf_slice(&in[i]), &dice);
		}
		cr_assert_eq(scan_at(0, buf_slice(&box), &found, &dice), 0);
		cr_assert_eq(found.n, n, "round %d: %zu, not %zu", round,
			     found.n, n);
		for (size_t i = 0; i < n; i++) {
			cr_assert_eq(found.spans[i].next,
				     i + 1 < n ? found.spans[i + 1].from
					       : box.n);
			expect_message(buf_slice(&box), &found.spans[i], &in[i],
				       round);
			buf_done(&in[i]);
		}
		buf_done(&box);
	}
}

/* A mailbox as strangers leave it: spans are gapless, what RETR will send is
 * counted, and chunking changes nothing. */
Test(mbox_scan, is_the_same_in_any_chunking)
{
	struct dice dice = { 3 };

	for (int round = 0; round < 4000; round++) {
		struct buf box = BUF(100000);
		struct found one, other;
		int r;

		cr_assert_eq(buf_put(&box, SLICE(FROM)), 0);
		if (dice_roll(&dice, 4) == 0)
			cr_assert_eq(buf_put(&box, SLICE(SEAL)), 0);
		dice_message(&dice, &box);
		dice_message(&dice, &box);
		r = scan_at(0, buf_slice(&box), &one, NULL);
		cr_assert_eq(scan_at(0, buf_slice(&box), &other, &dice), r);
		cr_assert_eq(r, 0);
		cr_assert_eq(one.n, other.n);
		for (size_t i = 0; i < one.n; i++) {
			const struct mbox_span *a = &one.spans[i];
			const struct mbox_span *b = &other.spans[i];
			struct buf sent = BUF(100000);

			cr_assert(a->from == b->from && a->start == b->start &&
					  a->body == b->body &&
					  a->end == b->end &&
					  a->next == b->next &&
					  a->octets == b->octets &&
					  a->seal == b->seal &&
					  a->read == b->read &&
					  strcmp(a->digest, b->digest) == 0,
				  "round %d", round);
			cr_assert_eq(a->from,
				     i > 0 ? one.spans[i - 1].next : 0);
			as_sent(slice_from(slice_upto(buf_slice(&box), a->end),
					   a->start),
				&sent);
			cr_assert_eq(a->octets, sent.n, "round %d", round);
			expect_counts(buf_slice(&box), b, buf_slice(&sent),
				      round);
			buf_done(&sent);
		}
		buf_done(&box);
	}
}

/* Offsets behind the From_ line; -1: as far as `next`. */
Test(mbox_scan, knows_where_things_are)
{
	static const struct {
		const char *text;
		uint64_t body, end, octets;
	} rows[] = {
		{ "\n", 0, 0, 0 },                      /* empty */
		{ "\n\n", 1, 1, 2 },                    /* one empty line */
		{ "", 0, 0, 0 },                        /* cut off */
		{ "A: b\n\n", 5, 5, 6 },                /* header only */
		{ "A: b\n", 5, 5, 6 },                  /* … foreign */
		{ "A: b", 4, 4, 6 },                    /* … cut off */
		{ "A: b\n\n\n", 6, 6, 8 },              /* … empty line */
		{ "A: b\n\nx\n\n", 6, 8, 11 },          /* ours */
		{ "A: b\n\nx\n", 6, 8, 11 },            /* foreign */
		{ "A: b\n\nx", 6, 7, 11 },              /* no last LF */
		{ "A: b\n\nx\r", 6, 8, 11 },            /* … but CR */
		{ "A: b\n\nx\n\n\n", 6, 9, 13 },        /* ends blank */
		{ "A: b\r\n\r\nx\r\n\r\n", 8, 11, 11 }, /* CRLF lines */
		{ "A: b\r\n\r\nx\r\n\n", 8, 11, 11 },   /* … and LF */
		{ "A: b\n\n>From x\n>>From\n\n", 6, 21, 8 + 8 + 8 },
		{ "A: b\n\nFrom x\n\n", 6, 13, 16 }, /* is no From_ */
		{ "A: b\n" FROM "\n", 39, 39, 41 },  /* … in a header */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t start = sizeof(FROM) - 1;
		struct found f;
		char box[200];

		(void)snprintf(box, sizeof(box), FROM "%s", rows[i].text);
		cr_assert_eq(scan(box, &f), 0);
		cr_assert_eq(f.n, 1, "row %zu: %zu", i, f.n);
		cr_expect_eq(f.spans[0].from, 0);
		cr_expect_eq(f.spans[0].start, start);
		cr_expect_eq(f.spans[0].body - start, rows[i].body,
			     "row %zu: body %zu", i,
			     (size_t)(f.spans[0].body - start));
		cr_expect_eq(f.spans[0].end - start, rows[i].end,
			     "row %zu: end %zu", i,
			     (size_t)(f.spans[0].end - start));
		cr_expect_eq(f.spans[0].octets, rows[i].octets,
			     "row %zu: octets %zu", i,
			     (size_t)f.spans[0].octets);
		cr_expect_eq(f.spans[0].next, strlen(box));
	}
}

/* A body's line that looks like a From_ line is one, whatever is before it. */
Test(mbox_scan, needs_no_empty_line_before)
{
	static const struct {
		const char *text;
		uint64_t from, octets;
	} rows[] = {
		{ "A: b\n\nx\n" FROM "\n", 8, 11 },
		{ "A: b\n\n" FROM "\n", 6, 6 },
		{ "A: b\n\nx\n\n" FROM "\n", 9, 11 },
		{ "A: b\r\n\r\nx\r\n\r\n" FROM "\n", 13, 11 },
		/* another program's append was cut off in a header */
		{ "A: b\nT\n" FROM "\n", 7, 9 },
		{ "A: b\r\nT\r\nC: d\r\n" FROM "\n", 15, 15 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t start = sizeof(FROM) - 1;
		struct found f;
		char box[200];

		(void)snprintf(box, sizeof(box), FROM "%s", rows[i].text);
		cr_assert_eq(scan(box, &f), 0);
		cr_assert_eq(f.n, 2, "row %zu: %zu", i, f.n);
		cr_expect_eq(f.spans[1].from - start, rows[i].from, "row %zu",
			     i);
		cr_expect_eq(f.spans[0].octets, rows[i].octets, "row %zu", i);
		cr_expect_eq(f.spans[1].octets, 0, "row %zu", i);
	}
}

Test(mbox_scan, counts_from_where_it_is_told)
{
	struct found f;

	cr_assert_eq(
		scan_at(1000, SLICE(FROM "A: b\n\nx\n\n" FROM "\n"), &f, NULL),
		0);
	cr_assert_eq(f.n, 2);
	cr_expect_eq(f.spans[0].from, 1000);
	cr_expect_eq(f.spans[1].from, 1043);
	cr_expect_eq(f.spans[1].next, 1078);
}

Test(mbox_scan, says_what_is_no_mailbox)
{
	static const struct {
		const char *box;
		int r;
	} rows[] = {
		{ "", 0 },
		{ FROM, 0 },
		{ "From somebody, some day\n\n", 0 },
		{ "From", -EBADMSG },
		{ "A: b\n\n" FROM "\n", -EBADMSG },
		/* `echo > mailbox` */
		{ "\n", 0 },
		{ "\r\n\n", 0 },
		{ "\r" FROM "\n", -EBADMSG },
		{ "\n" FROM "\n", 0 },
		{ "\n\r\n" FROM "\n", 0 },
		{ "x", -EBADMSG },
		{ "\n \n" FROM "\n", -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct found f;

		cr_expect_eq(scan(rows[i].box, &f), rows[i].r, "row %zu", i);
	}
}

static int stop(void *context, const struct mbox_span *span)
{
	(void)context;
	(void)span;
	return -ENOMEM;
}

Test(mbox_scan, stops_when_told)
{
	struct mbox_scan *s = mbox_scan_new(0, stop, NULL);

	cr_assert_eq(mbox_scan_push(s, SLICE(FROM "\n" FROM)), -ENOMEM);
	mbox_scan_free(s);
	mbox_scan_free(NULL);
}

Test(mbox_scan, hides_only_the_pseudo_message)
{
	static const struct {
		const char *box;
		bool first, second;
	} rows[] = {
		{ FROM NOTICE FROM "A: b\n\n", true, false },
		{ FROM "A: b\n\n" FROM NOTICE, false, false },
		{ FROM "X-IMAP: 1 2\n\n\n" FROM "\n", false, false },
		{ FROM "Subject: DON'T DELETE THIS MESSAGE\n\n\n" FROM "\n",
		  false, false },
		{ FROM "A: b\n\nX-IMAP: 1\n"
		       "Subject: DON'T DELETE THIS MESSAGE\n\n" FROM "\n",
		  false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct found f;

		cr_assert_eq(scan(rows[i].box, &f), 0);
		cr_assert_eq(f.n, 2, "row %zu", i);
		cr_expect_eq(f.spans[0].hidden, rows[i].first, "row %zu", i);
		cr_expect_eq(f.spans[1].hidden, rows[i].second, "row %zu", i);
	}
}

Test(mbox_scan, sees_what_was_read)
{
	static const struct {
		const char *header;
		bool read;
	} rows[] = {
		{ "Status: RO\n", true },         { "status:R\n", true },
		{ "Status: O\n", false },         { "X-Status: R\n", false },
		{ "A: b\n\nStatus: R\n", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct found f;
		char box[200];

		(void)snprintf(box, sizeof(box), FROM "%s\n", rows[i].header);
		cr_assert_eq(scan(box, &f), 0);
		cr_expect_eq(f.spans[0].read, rows[i].read, "%s",
			     rows[i].header);
	}
}

static void digest_of(const char *text, char ret[65])
{
	struct found f;
	char box[4000];

	(void)snprintf(box, sizeof(box), FROM "%s", text);
	cr_assert_eq(scan(box, &f), 0);
	(void)snprintf(ret, 65, "%s", f.spans[0].digest);
}

Test(mbox_scan, digest_outlives_what_muas_edit)
{
	static const struct {
		const char *before, *after;
		bool same;
	} rows[] = {
		{ "A: b\n\nx\n\n", "Status: RO\nA: b\n\nx\n\n", true },
		{ "A: b\n\nx\n\n", "A: b\nStatus: RO\n\nx\n\n", true },
		{ "A: b\n\nx\n\n",
		  "A: b\nX-Keywords: a\n b\nX-UID: 7\nLines: 1\nx-status: A\n"
		  "Content-Length: 2\nX-IMAPbase: 1 2\n\nx\n\n",
		  true },
		{ "A: b\n\nx\n\n", "A: b\n\nx\n\n" FROM "\n", true },
		{ "A: b\n\nx\n", "A: b\n\nx\n\n", true },
		{ "A: b\n\nx", "A: b\n\nx\n\n", true },
		/* others append to a header without a body */
		{ "A: b\n", "A: b\n\n" FROM "\n", true },
		{ "", "\n" FROM "\n", true },
		{ "A: b\r\n\r\nx\r\n", "A: b\r\n\r\nx\r\n\n", true },
		{ "A: b\n\nx\r", "A: b\n\nx\r\n\n", true },
		{ "A: b\n\nx\n\n", "A: c\n\nx\n\n", false },
		{ "A: b\n\nx\n\n", "A: b\n\ny\n\n", false },
		{ "A: b\n\nx\n\nz\n", "A: b\n\nx\n\ny\n", false },
		{ "A: b\n\nx\n\n", "A: b\n\nxx\n\n", false },
		{ "A: b\n\nx\n\n", "A: b\nC: d\n\nx\n\n", false },
		{ "A: b\n\nx\n\n", "A: b\n c\n\nx\n\n", false },
		{ "A: b\nC: d\n\n", "A: bC: d\n\n", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char before[65], after[65];

		digest_of(rows[i].before, before);
		digest_of(rows[i].after, after);
		cr_expect_eq(strcmp(before, after) == 0, rows[i].same,
			     "row %zu", i);
	}
}

/* Of a body so much, be its last line ended or not. */
Test(mbox_scan, digest_sees_how_a_body_begins)
{
	for (size_t n = MBOX_BODY_MAX - 3; n < MBOX_BODY_MAX + 3; n++) {
		char one[MBOX_BODY_MAX + 20] = "A: b\n\n", other[sizeof(one)];
		char digest_one[65], digest_other[65];
		size_t end = strlen(one) + n;

		memset(one + strlen(one), 'x', n);
		memcpy(other, one, sizeof(one));
		other[end] = '\n';
		digest_of(one, digest_one);
		digest_of(other, digest_other);
		cr_expect_str_eq(digest_one, digest_other, "%zu", n);
		other[end - 1] = 'y';
		digest_of(other, digest_other);
		cr_expect_eq(strcmp(digest_one, digest_other) == 0,
			     n > MBOX_BODY_MAX, "%zu", n);
	}
}

/* A field far longer than what is kept of a line counts to its end. */
Test(mbox_scan, digest_sees_the_end_of_a_long_line)
{
	char one[3000], other[3000], digest_one[65], digest_other[65];

	memset(one, 'x', sizeof(one));
	memcpy(one, "A: ", 3);
	memcpy(one + sizeof(one) - 4, "\n\n\n", 4);
	memcpy(other, one, sizeof(one));
	other[sizeof(other) - 5] = 'y';
	digest_of(one, digest_one);
	digest_of(other, digest_other);
	cr_expect_str_neq(digest_one, digest_other);
	memcpy(one, "Status: ", 8);
	memcpy(other, "Status: ", 8);
	digest_of(one, digest_one);
	digest_of(other, digest_other);
	cr_expect_str_eq(digest_one, digest_other);
}

/* Only directly behind the From_ line, only one, and as if it were not there.
 */
Test(mbox_scan, knows_a_seal)
{
	static const struct {
		const char *text, *same;
		uint64_t start;
	} rows[] = {
		{ SEAL "A: b\n\nx\n\n", "A: b\n\nx\n\n", sizeof(SEAL) - 1 },
		{ SEAL "\nx\n", "\nx\n", sizeof(SEAL) - 1 },
		{ SEAL, "", sizeof(SEAL) - 1 },
		{ "x-postern-seal:\nA: b\n\n", "A: b\n\n", 16 },
		{ "X-Postern-Seal: 1\r\nA: b\n\n", "A: b\n\n", 19 },
		{ "X-Postern-Seal: torn", "", 20 },
	};
	struct found f, g;
	char box[400];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t from = sizeof(FROM) - 1;

		(void)snprintf(box, sizeof(box), FROM "%s", rows[i].text);
		cr_assert_eq(scan(box, &f), 0);
		(void)snprintf(box, sizeof(box), FROM "%s", rows[i].same);
		cr_assert_eq(scan(box, &g), 0);
		cr_expect_eq(f.spans[0].seal, from, "row %zu", i);
		cr_expect_eq(f.spans[0].start, from + rows[i].start, "row %zu",
			     i);
		cr_expect_eq(f.spans[0].octets, g.spans[0].octets, "row %zu",
			     i);
		cr_expect_eq(f.spans[0].lines, g.spans[0].lines, "row %zu", i);
		cr_expect_str_eq(f.spans[0].digest, g.spans[0].digest,
				 "row %zu", i);
	}
}

Test(mbox_scan, knows_what_is_no_seal)
{
	static const char *const rows[] = {
		"A: b\n" SEAL "\n",       "X-Postern-Seal\n\n",     "\n" SEAL,
		" X-Postern-Seal: 1\n\n", "X-Postern-Seals: 1\n\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct found f;
		char box[400];

		(void)snprintf(box, sizeof(box), FROM "%s", rows[i]);
		cr_assert_eq(scan(box, &f), 0);
		cr_expect_eq(f.spans[0].seal, 0, "row %zu", i);
		cr_expect_eq(f.spans[0].start, sizeof(FROM) - 1, "row %zu", i);
	}
	/* the second one is the message's */
	{
		struct found f;

		cr_assert_eq(scan(FROM SEAL SEAL "\n", &f), 0);
		cr_expect_eq(f.spans[0].octets, sizeof(SEAL));
	}
}

Test(mbox_scan, a_header_alone_must_be_one)
{
	static const struct {
		const char *head;
		uint64_t body;
		int r;
	} rows[] = {
		{ FROM "A: b\n\n", 7, 0 },
		{ FROM "A: b\n", 0, 0 },
		{ FROM "A: b", 0, 0 },
		{ FROM, 0, 0 },
		{ FROM "A: b\n", 7, -EBADMSG },
		{ FROM "A: b\n\nx\n", 3, -EBADMSG },
		{ FROM "A: b\n\nx", 3, -EBADMSG },
		{ FROM "A: b\n\n" FROM "\n", 0, -EBADMSG },
		{ "A: b\n\n", 0, -EBADMSG },
		{ "", 0, -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char digest[65];

		for (size_t n = 1; n < 200; n *= 3)
			cr_expect_eq(head_digest(slice_of(rows[i].head), n,
						 rows[i].body, SLICE_NONE,
						 digest),
				     rows[i].r, "row %zu by %zu", i, n);
	}
}
