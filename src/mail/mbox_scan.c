/* SPDX-License-Identifier: ISC */
/* See mboxrd.h, the scanner: where messages begin and end in a mailbox. One
 * pass, line by line, bounded memory. Content-Length is never believed. */
#include "mail/mboxrd.h"

#include "base/digest.h"

/* As much of a line's start as any decision about it needs. */
#define PREFIX_MAX 1024

/* What an MUA may edit without the message becoming another one. */
static const char *const edited[] = {
	"Status", "X-Status",   "X-Keywords",     "X-UID",
	"X-IMAP", "X-IMAPbase", "Content-Length", "Lines",
};

struct mbox_scan {
	mbox_span_seen *seen;
	void *context;

	/* the line being read */
	struct buf prefix;
	uint64_t line_at;
	uint64_t line_n; /* octets so far, without LF */
	char last;
	bool judged; /* its prefix has been looked at */
	bool dead;   /* it matches ^>+From  no more */
	bool marked; /* it has at least one '>' in front */
	unsigned matched;

	/* the message */
	bool open;
	bool after_blank; /* a From_ line may come now */
	bool in_header;
	bool hash_line;
	bool has_imap, has_notice;
	uint64_t blank_n; /* bytes of the last line if it was empty */
	uint64_t header_octets;
	struct mbox_span span;
	struct digest digest;
	size_t count;
	bool bad;
};

struct mbox_scan *mbox_scan_new(uint64_t at, mbox_span_seen *seen,
				void *context)
{
	struct mbox_scan *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->seen = seen;
	s->context = context;
	s->line_at = at;
	s->prefix = BUF(PREFIX_MAX);
	s->after_blank = true;
	return s;
}

void mbox_scan_free(struct mbox_scan *s)
{
	if (!s)
		return;
	buf_done(&s->prefix);
	free(s);
}

static void open_message(struct mbox_scan *s)
{
	s->span = (struct mbox_span){ .from = s->line_at };
	s->open = true;
	s->in_header = true;
	s->hash_line = true;
	s->has_imap = s->has_notice = false;
	s->header_octets = 0;
	s->count++;
	digest_start(&s->digest);
}

/* `next`: offset of the next From_ line, or of the end. */
static int close_message(struct mbox_scan *s, uint64_t next)
{
	struct mbox_span *span = &s->span;
	char octets[32];

	if (!s->open)
		return 0;
	s->open = false;
	span->next = next;
	span->end = next - s->blank_n;
	/* the empty line that separates is no part of the message */
	if (s->blank_n > 0)
		span->octets -= 2;
	if (s->in_header || span->body > span->end) {
		span->body = span->end;
		s->header_octets = span->octets;
	}
	(void)snprintf(octets, sizeof(octets), "%llu",
		       (unsigned long long)(span->octets - s->header_octets));
	digest_add(&s->digest, slice_of(octets));
	digest_hex(&s->digest, span->digest, 32);
	span->hidden = s->count == 1 && s->has_imap && s->has_notice;
	return s->seen(s->context, span);
}

/* ---- one line ---- */

static bool is_edited(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(edited); i++)
		if (slice_eq_nocase(name, slice_of(edited[i])))
			return true;
	return false;
}

static void note_field(struct mbox_scan *s, struct slice name,
		       struct slice value)
{
	if (slice_eq_nocase(name, SLICE("Status")))
		s->span.read = slice_find(value, 'R') < value.n;
	else if (slice_eq_nocase(name, SLICE("X-IMAP")) ||
		 slice_eq_nocase(name, SLICE("X-IMAPbase")))
		s->has_imap = true;
	else if (slice_eq_nocase(name, SLICE("Subject")))
		s->has_notice =
			slice_starts(value, SLICE("DON'T DELETE THIS MESSAGE"));
}

static void judge_header(struct mbox_scan *s, struct slice line)
{
	size_t colon = slice_find(line, ':');
	struct slice name = slice_trim(slice_upto(line, colon));

	if (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		return; /* goes on as the line above */
	s->hash_line = !(colon < line.n && is_edited(name));
	note_field(s, name, slice_trim(slice_from(line, colon + 1)));
}

static void hash(struct mbox_scan *s, struct slice piece)
{
	if (s->open && s->in_header && s->hash_line)
		digest_add(&s->digest, piece);
}

/* Enough of the line is known: what is it? */
static int judge(struct mbox_scan *s)
{
	struct slice line = buf_slice(&s->prefix);
	bool first = s->count == 0 && !s->open;
	int r = 0;

	s->judged = true;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (s->after_blank && (mboxrd_is_from(line) ||
			       (first && slice_starts(line, SLICE("From "))))) {
		r = close_message(s, s->line_at);
		open_message(s);
	} else if (!s->open) {
		s->bad = true;
		r = -EBADMSG;
	} else if (s->in_header) {
		judge_header(s, line);
	}
	/* an empty line is none of the header's: one without a body gets it
	 * when something is appended, and must stay the same message */
	if (line.n > 0) {
		hash(s, SLICE("\n"));
		hash(s, buf_slice(&s->prefix));
	}
	return r;
}

static void match_quoted(struct mbox_scan *s, struct slice piece)
{
	static const char from_[] = "From ";

	for (size_t i = 0; i < piece.n && !s->dead && s->matched < 5; i++) {
		if (s->matched == 0 && piece.p[i] == '>')
			s->marked = true;
		else if (s->marked && piece.p[i] == from_[s->matched])
			s->matched++;
		else
			s->dead = true;
	}
}

/* Is this line more than measured? Of a body only what may be a From_ line. */
static bool is_judged(const struct mbox_scan *s)
{
	return s->in_header || s->after_blank;
}

/* A piece of a line, no LF in it. */
static int take(struct mbox_scan *s, struct slice piece)
{
	size_t room = PREFIX_MAX - s->prefix.n;
	struct slice front = slice_upto(piece, room);
	int r = 0;

	if (piece.n == 0)
		return 0;
	s->line_n += piece.n;
	s->last = piece.p[piece.n - 1];
	match_quoted(s, piece);
	if (!s->judged && is_judged(s)) {
		r = buf_put(&s->prefix, front);
		piece = slice_from(piece, front.n);
		if (r == 0 && piece.n > 0)
			r = judge(s);
	}
	if (r == 0 && s->judged)
		hash(s, piece);
	return r;
}

static bool is_from_line(const struct mbox_scan *s)
{
	return s->span.from == s->line_at;
}

/* The line counts: its octets as RETR will send them. */
static void count_line(struct mbox_scan *s, bool has_lf)
{
	bool cr = s->line_n > 0 && s->last == '\r';
	bool blank = has_lf && s->line_n == (cr ? 1U : 0U);

	s->span.octets += s->line_n + (cr && has_lf ? 1 : 2);
	if (s->matched == 5)
		s->span.octets--;
	s->blank_n = blank ? s->line_n + 1 : 0;
	if (blank && s->in_header) {
		s->in_header = false;
		s->header_octets = s->span.octets;
		s->span.body = s->line_at + s->line_n + 1;
	}
	s->after_blank = blank;
}

static int end_line(struct mbox_scan *s, bool has_lf)
{
	int r = 0;

	if (!s->judged)
		r = judge(s);
	if (r < 0)
		return r;
	if (is_from_line(s)) {
		s->span.start = s->line_at + s->line_n + (has_lf ? 1 : 0);
		s->after_blank = false;
		s->blank_n = 0;
	} else {
		count_line(s, has_lf);
	}
	s->line_at += s->line_n + (has_lf ? 1 : 0);
	s->line_n = 0;
	s->judged = s->dead = s->marked = false;
	s->matched = 0;
	buf_reset(&s->prefix);
	return 0;
}

int mbox_scan_push(struct mbox_scan *s, struct slice bytes)
{
	int r = 0;

	while (bytes.n > 0 && r == 0) {
		size_t lf = slice_find(bytes, '\n');

		r = take(s, slice_upto(bytes, lf));
		if (r == 0 && lf < bytes.n)
			r = end_line(s, true);
		bytes = slice_from(bytes, lf + 1);
	}
	return r;
}

int mbox_scan_end(struct mbox_scan *s)
{
	int r = 0;

	if (s->bad)
		return -EBADMSG;
	if (s->line_n > 0)
		r = end_line(s, false);
	return r == 0 ? close_message(s, s->line_at) : r;
}
