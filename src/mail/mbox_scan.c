/* SPDX-License-Identifier: ISC */
/* See mboxrd.h, the scanner: where messages begin and end in a mailbox. One
 * pass, bounded memory. Content-Length is never believed.
 *
 * Headers are read line by line; bodies are only counted, as many whole lines
 * at once as are there (lines.h), up to the next place where a From_ line,
 * quoted or not, may stand. A line that lies in two pieces is collected, as
 * much of it as any decision needs. */
#include "mail/mboxrd.h"

#include "base/digest.h"
#include "mail/lines.h"
#include "mail/seal.h"

/* What an MUA may edit without the message becoming another one. */
static const struct slice edited[] = {
	SLICE("Status"),         SLICE("X-Status"), SLICE("X-Keywords"),
	SLICE("X-UID"),          SLICE("X-IMAP"),   SLICE("X-IMAPbase"),
	SLICE("Content-Length"), SLICE("Lines"),
};

enum line {
	LINE_FROM,
	LINE_SEAL,
	LINE_OTHER,
};

struct mbox_scan {
	mbox_span_seen *seen;
	void *context;
	uint64_t at; /* where the line being read begins */

	/* the line that more is awaited of */
	uint64_t line_n;  /* octets of it so far */
	bool judged;      /* its front has been looked at */
	enum line kind;   /* then: what it is */
	bool hashing;     /* then: the rest of it is digested */
	bool marked;      /* it has a '>' in front */
	unsigned matched; /* of "From " behind those */
	bool dead;        /* it matches ^>+From  no more */
	char last;
	char front[MBOX_FRONT_MAX];

	/* the message */
	bool open;
	bool in_header;
	bool at_top;      /* its From_ line was the last one */
	bool cut;         /* a line of the header is no field */
	bool keep;        /* this field is digested */
	struct slice run; /* lines yet to be digested */
	bool has_imap, has_notice;
	unsigned blank_n;         /* bytes of the last line if it was empty */
	char body[MBOX_BODY_MAX]; /* how it begins */
	size_t body_n;
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
	s->at = at;
	return s;
}

void mbox_scan_free(struct mbox_scan *s)
{
	free(s);
}

/* ---- the digest ---- */

static void hash_run(struct mbox_scan *s)
{
	digest_add(&s->digest, s->run);
	s->run = SLICE_NONE;
}

/* A line of the header, a LF before it. Lines that follow each other in
 * memory are digested together, with the LFs that are there. */
static void hash_line(struct mbox_scan *s, struct slice line)
{
	if (s->run.n > 0 && s->run.p + s->run.n + 1 == line.p) {
		s->run.n += 1 + line.n;
		return;
	}
	hash_run(s);
	digest_add(&s->digest, SLICE("\n"));
	s->run = line;
}

/* Its last line's end, which whoever appends adds where there is none. */
static struct slice without_end(struct slice body)
{
	if (slice_ends(body, SLICE("\n")))
		body.n--;
	if (slice_ends(body, SLICE("\r")))
		body.n--;
	return body;
}

static void hash_end(struct mbox_scan *s, uint64_t body_octets,
		     const struct mbox_body *body, char ret[65])
{
	char octets[32];
	int n = snprintf(octets, sizeof(octets), "%llu\n",
			 (unsigned long long)body_octets);

	hash_run(s);
	digest_add(&s->digest, (struct slice){ octets, (size_t)n });
	digest_add(&s->digest,
		   body->whole ? without_end(body->start) : body->start);
	digest_hex(&s->digest, ret, 32);
}

static void keep_body(struct mbox_scan *s, struct slice bytes)
{
	bytes = slice_upto(bytes, sizeof(s->body) - s->body_n);
	if (bytes.n > 0)
		memcpy(s->body + s->body_n, bytes.p, bytes.n);
	s->body_n += bytes.n;
}

/* ---- a message begins, and ends ---- */

static void open_message(struct mbox_scan *s)
{
	s->span = (struct mbox_span){ .from = s->at };
	s->open = true;
	s->in_header = s->at_top = s->keep = true;
	s->has_imap = s->has_notice = s->cut = false;
	s->blank_n = 0;
	s->body_n = 0;
	s->count++;
	digest_start(&s->digest);
}

/* How the body begins that stands in these octets of the file. */
static struct mbox_body body_of(const struct mbox_scan *s, uint64_t octets)
{
	struct slice kept = { s->body, s->body_n };

	return (struct mbox_body){
		.start = octets < kept.n ? slice_upto(kept, (size_t)octets)
					 : kept,
		.whole = octets <= sizeof(s->body),
	};
}

/* It ends where the next From_ line, or nothing more, stands. */
static int close_message(struct mbox_scan *s)
{
	struct mbox_span *span = &s->span;
	struct mbox_body body;

	if (!s->open)
		return 0;
	s->open = false;
	span->next = s->at;
	span->end = s->at - s->blank_n;
	/* the empty line that separates is no part of the message */
	if (s->blank_n > 0) {
		span->octets -= 2;
		span->lines--;
	}
	if (s->in_header || span->body > span->end) {
		span->body = span->end;
		span->header_octets = span->octets;
	}
	body = body_of(s, span->end - span->body);
	hash_end(s, span->octets - span->header_octets, &body, span->digest);
	span->hidden = span->from == 0 && s->has_imap && s->has_notice;
	return s->seen(s->context, span);
}

/* ---- a line of the header ---- */

bool mbox_field_edited(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(edited); i++)
		if (slice_eq_nocase(name, edited[i]))
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

/* May a field of any interest to us begin so? */
static bool is_noted(char c)
{
	c = ascii_lower(c);
	return c == 's' || c == 'x' || c == 'c' || c == 'l';
}

static void judge_field(struct mbox_scan *s, struct slice line)
{
	size_t colon;
	struct slice name;

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return; /* goes on as the line above */
	s->keep = true;
	colon = slice_find(line, ':');
	s->cut |= colon == line.n;
	if (!is_noted(line.p[0]))
		return;
	name = slice_trim(slice_upto(line, colon));
	s->keep = !(colon < line.n && mbox_field_edited(name));
	note_field(s, name, slice_trim(slice_from(line, colon + 1)));
}

/* ---- a line ---- */

/* May a message begin here? Of the very first one no date is asked. */
static bool begins(const struct mbox_scan *s, struct slice front)
{
	if (front.n == 0 || front.p[0] != 'F')
		return false;
	if (s->count == 0)
		return slice_starts(front, SLICE("From "));
	return (!s->in_header || s->cut) && mboxrd_is_from(front);
}

static int from_line(struct mbox_scan *s, struct slice front)
{
	int r = close_message(s);

	open_message(s);
	s->kind = LINE_FROM;
	s->hashing = true;
	hash_line(s, front);
	return r;
}

/* A header's line: what is it? The digest gets what is given here of it. */
static void header_line(struct mbox_scan *s, struct slice front)
{
	struct slice text = front;

	if (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	if (s->at_top && seal_is(text)) {
		s->kind = LINE_SEAL;
		s->span.seal = s->at;
		return;
	}
	/* an empty line is none of the header's: one without a body gets it
	 * when something is appended, and must stay the same message */
	if (text.n == 0)
		return;
	judge_field(s, text);
	s->hashing = s->keep;
	if (s->hashing)
		hash_line(s, front);
}

/* The line that begins so: what is it? */
static int judge(struct mbox_scan *s, struct slice front)
{
	s->kind = LINE_OTHER;
	s->hashing = false;
	if (begins(s, front))
		return from_line(s, front);
	if (!s->open) {
		s->bad = !slice_eq(front, SLICE_NONE) &&
			 !slice_eq(front, SLICE("\r"));
		return s->bad ? -EBADMSG : 0;
	}
	if (s->in_header)
		header_line(s, front);
	return 0;
}

/* The line counts: its `n` octets (without LF) as RETR will send them. */
static void count_line(struct mbox_scan *s, uint64_t n, bool cr, bool lf)
{
	struct mbox_span *span = &s->span;
	bool blank = lf && n == (cr ? 1U : 0U);

	span->lines++;
	span->octets += n + (cr ? 1 : 2);
	s->blank_n = blank ? (unsigned)n + 1 : 0;
	if (blank && s->in_header) {
		s->in_header = false;
		span->header_octets = span->octets;
		span->body = s->at + n + 1;
	}
}

static void end_line(struct mbox_scan *s, uint64_t n, bool cr, bool lf)
{
	if (s->kind == LINE_OTHER)
		count_line(s, n, cr, lf);
	else
		s->span.start = s->at + n + (lf ? 1 : 0);
	s->at_top = s->kind == LINE_FROM;
	s->at += n + (lf ? 1 : 0);
}

/* ---- a line in several pieces ---- */

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

/* So much of it is kept. */
static size_t front_n(const struct mbox_scan *s)
{
	return s->line_n < MBOX_FRONT_MAX ? (size_t)s->line_n : MBOX_FRONT_MAX;
}

static int judge_front(struct mbox_scan *s)
{
	int r = judge(s, (struct slice){ s->front, front_n(s) });

	hash_run(s); /* the front will hold other bytes */
	s->judged = true;
	return r;
}

/* A piece of it, no LF in it. */
static int take(struct mbox_scan *s, struct slice piece)
{
	size_t have = front_n(s);
	struct slice more = slice_upto(piece, MBOX_FRONT_MAX - have);
	int r = 0;

	if (piece.n == 0)
		return 0;
	memcpy(s->front + have, more.p, more.n);
	s->line_n += piece.n;
	s->last = piece.p[piece.n - 1];
	match_quoted(s, piece);
	if (!s->judged && s->line_n > MBOX_FRONT_MAX)
		r = judge_front(s);
	if (r == 0 && s->judged && s->hashing)
		digest_add(&s->digest, slice_from(piece, more.n));
	return r;
}

/* Its end. */
static int taken(struct mbox_scan *s, bool lf)
{
	int r = s->judged ? 0 : judge_front(s);

	if (r < 0)
		return r;
	if (s->kind == LINE_OTHER && s->matched == 5)
		s->span.octets--;
	if (s->kind == LINE_OTHER && !s->in_header) {
		keep_body(s, (struct slice){ s->front, front_n(s) });
		keep_body(s, lf ? SLICE("\n") : SLICE_NONE);
	}
	end_line(s, s->line_n, s->line_n > 0 && s->last == '\r', lf);
	s->line_n = 0;
	s->judged = s->dead = s->marked = false;
	s->matched = 0;
	return 0;
}

/* ---- whole lines ---- */

/* A From_ line that was quoted? */
static bool is_quoted(struct slice line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	return n > 0 && slice_starts(slice_from(line, n), SLICE("From "));
}

/* What was judged is all of it: its rest, and its end. */
static void end_whole(struct mbox_scan *s, struct slice line)
{
	if (s->hashing && line.n > MBOX_FRONT_MAX)
		s->run.n += line.n - MBOX_FRONT_MAX;
	if (s->kind == LINE_OTHER && is_quoted(line))
		s->span.octets--;
	end_line(s, line.n, line.n > 0 && line.p[line.n - 1] == '\r', true);
}

static struct slice line_at(const char *at, const char *to)
{
	struct slice rest = { at, (size_t)(to - at) };

	return slice_upto(rest, slice_find(rest, '\n'));
}

/* The first one of these lines. */
static int whole_line(struct mbox_scan *s, struct slice lines, size_t *ret_n)
{
	struct slice line = line_at(lines.p, lines.p + lines.n);
	int r = judge(s, slice_upto(line, MBOX_FRONT_MAX));

	*ret_n = line.n + 1;
	if (r == 0)
		end_whole(s, line);
	return r;
}

/* `at` has a '>' before it: does a quoted line stand here, which begins at or
 * behind `start`? */
static bool is_quoted_at(const char *start, const char *at, const char *to)
{
	struct slice rest = { at, (size_t)(to - at) };

	if (!slice_starts(rest, SLICE("From ")))
		return false;
	while (at > start && at[-1] == '>')
		at--;
	return at == start || at[-1] == '\n';
}

/* Is the last one of these lines empty? Its bytes, or 0. */
static unsigned blank_at_end(struct slice lines)
{
	if (slice_eq(lines, SLICE("\n")) || slice_ends(lines, SLICE("\n\n")))
		return 1;
	if (slice_eq(lines, SLICE("\r\n")) ||
	    slice_ends(lines, SLICE("\n\r\n")))
		return 2;
	return 0;
}

/* Lines of a body, up to where the next message begins: octets counted. */
static size_t body_lines(struct mbox_scan *s, struct slice lines)
{
	const char *at = lines.p, *to = at + lines.n;
	struct lines counted = { 0 };
	uint64_t quoted = 0;

	while (at < to) {
		if (at == lines.p || at[-1] == '\n') {
			if (begins(s,
				   slice_upto(line_at(at, to), MBOX_FRONT_MAX)))
				break;
		} else if (is_quoted_at(lines.p, at, to)) {
			quoted++;
		}
		at = lines_count(&counted, at, to);
	}
	lines.n = (size_t)(at - lines.p);
	keep_body(s, lines);
	s->span.lines += counted.ends;
	s->span.octets += lines.n + counted.ends - counted.crlf - quoted;
	if (lines.n > 0)
		s->blank_n = blank_at_end(lines);
	s->at += lines.n;
	return lines.n;
}

/* … and the line by which that one begins. */
static int body(struct mbox_scan *s, struct slice lines, size_t *ret_n)
{
	size_t n = body_lines(s, lines);
	struct slice line = line_at(lines.p + n, lines.p + lines.n);
	int r;

	*ret_n = n;
	if (n == lines.n)
		return 0;
	*ret_n = n + line.n + 1;
	r = from_line(s, slice_upto(line, MBOX_FRONT_MAX));
	if (r == 0)
		end_whole(s, line);
	return r;
}

static int whole_lines(struct mbox_scan *s, struct slice lines)
{
	int r = 0;

	while (lines.n > 0 && r == 0) {
		size_t n;

		r = s->open && !s->in_header ? body(s, lines, &n)
					     : whole_line(s, lines, &n);
		lines = slice_from(lines, n);
	}
	hash_run(s); /* the bytes will be gone */
	return r;
}

int mbox_scan_push(struct mbox_scan *s, struct slice bytes)
{
	size_t lf;
	int r = 0;

	if (s->line_n > 0) {
		lf = slice_find(bytes, '\n');
		r = take(s, slice_upto(bytes, lf));
		if (r == 0 && lf < bytes.n)
			r = taken(s, true);
		bytes = slice_from(bytes, lf + 1);
	}
	lf = slice_find_last(bytes, '\n');
	if (r == 0 && lf < bytes.n) {
		r = whole_lines(s, slice_upto(bytes, lf + 1));
		bytes = slice_from(bytes, lf + 1);
	}
	return r == 0 ? take(s, bytes) : r;
}

int mbox_scan_end(struct mbox_scan *s)
{
	int r = 0;

	if (s->bad)
		return -EBADMSG;
	if (s->line_n > 0)
		r = taken(s, false);
	return r == 0 ? close_message(s) : r;
}

/* ---- a header alone ---- */

static int none(void *context, const struct mbox_span *span)
{
	return -EBADMSG;
}

struct mbox_scan *mbox_head_new(void)
{
	return mbox_scan_new(0, none, NULL);
}

int mbox_head_end(struct mbox_scan *s, uint64_t body_octets,
		  const struct mbox_body *body, char ret[65])
{
	int r = s->line_n > 0 ? taken(s, false) : 0;

	/* no lines behind it, and if it has no end, no body either */
	if (r < 0 || !s->open)
		return -EBADMSG;
	if (s->in_header ? body_octets > 0 : s->at > s->span.body)
		return -EBADMSG;
	hash_end(s, body_octets, body, ret);
	return 0;
}
