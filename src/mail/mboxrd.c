/* SPDX-License-Identifier: ISC */
/* See mboxrd.h: quoting, unquoting, the From_ line. One engine walks the
 * lines and finds those that match ^>*From ; the two directions differ in
 * what they do there. */
#include "mail/mboxrd.h"

#include "mail/date.h"

static const char from_[] = "From ";
#define FROM_LENGTH (sizeof(from_) - 1)
#define SENDER_MAX  512

void mboxrd_start(struct mboxrd *m, mboxrd_out *out, void *context)
{
	*m = (struct mboxrd){ .out = out, .context = context, .last = '\n' };
}

static int put(struct mboxrd *m, struct slice bytes)
{
	return bytes.n > 0 ? m->out(m->context, bytes) : 0;
}

/* Give out what was held back from earlier pieces: n '>' and the part of
 * "From " that had matched. */
static int put_held(struct mboxrd *m, uint64_t n)
{
	static const char marks[] = ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>";
	const uint64_t most = sizeof(marks) - 1;
	unsigned matched = m->matched;
	int r = 0;

	for (; n > 0 && r == 0; n -= n < most ? n : most)
		r = put(m, slice_upto(slice_of(marks), n));
	m->held = 0;
	m->matched = 0;
	return r == 0 ? put(m, (struct slice){ from_, matched }) : r;
}

/* How far does the line's start match ^>*From , going on from where the last
 * piece ended? Bytes looked at; `elsewhere` is set when it cannot any more. */
static size_t match(struct mboxrd *m, struct slice line)
{
	size_t n = 0;

	for (; n < line.n && m->matched < FROM_LENGTH; n++) {
		if (m->matched == 0 && line.p[n] == '>') {
			m->held++;
		} else if (line.p[n] == from_[m->matched]) {
			m->matched++;
		} else {
			m->elsewhere = true;
			break;
		}
	}
	return n;
}

/* Where bytes are in one piece. `run` begins what is not yet given out;
 * `line` the line in question. */
struct walk {
	struct slice bytes;
	size_t run, line;
	bool carried; /* the line began in an earlier piece */
	int sign;     /* +1: quote, -1: unquote */
};

/* The line at w->line has matched as far as it ever will; the walk stands at
 * `at`. */
static int settle(struct mboxrd *m, struct walk *w, size_t at)
{
	bool hit = m->matched == FROM_LENGTH && (w->sign > 0 || m->held > 0);
	uint64_t marks = m->held;
	int r = 0;

	m->elsewhere = true;
	if (w->carried) {
		if (hit)
			marks = w->sign > 0 ? marks + 1 : marks - 1;
		w->carried = false;
		w->run = at;
		return put_held(m, marks);
	}
	m->held = 0;
	m->matched = 0;
	if (!hit)
		return 0;
	r = put(m, slice_from(slice_upto(w->bytes, w->line), w->run));
	w->run = w->sign > 0 ? w->line : w->line + 1;
	return r == 0 && w->sign > 0 ? put(m, SLICE(">")) : r;
}

static int walk(struct mboxrd *m, struct slice bytes, int sign)
{
	struct walk w = { .bytes = bytes,
			  .sign = sign,
			  .carried = m->held > 0 || m->matched > 0 };
	size_t at = 0;
	int r = 0;

	while (at < bytes.n && r == 0) {
		if (!m->elsewhere) {
			at += match(m, slice_from(bytes, at));
			if (!m->elsewhere && m->matched < FROM_LENGTH)
				break;
			r = settle(m, &w, at);
			continue;
		}
		at += slice_find(slice_from(bytes, at), '\n') + 1;
		if (at <= bytes.n) {
			m->elsewhere = false;
			w.line = at;
		}
	}
	if (r == 0 && !w.carried) {
		/* an undecided line start waits for the next piece */
		bool open = !m->elsewhere && m->held + m->matched > 0;

		r = put(m,
			slice_from(slice_upto(bytes, open ? w.line : bytes.n),
				   w.run));
	}
	if (bytes.n > 0)
		m->last = bytes.p[bytes.n - 1];
	return r;
}

int mboxrd_quote(struct mboxrd *m, struct slice bytes)
{
	return walk(m, bytes, 1);
}

int mboxrd_quote_end(struct mboxrd *m)
{
	int r = put_held(m, m->held);

	if (r == 0 && m->last != '\n')
		r = put(m, SLICE("\n"));
	return r == 0 ? put(m, SLICE("\n")) : r;
}

int mboxrd_unquote(struct mboxrd *m, struct slice bytes)
{
	return walk(m, bytes, -1);
}

int mboxrd_unquote_end(struct mboxrd *m)
{
	return put_held(m, m->held);
}

int mboxrd_from_line(struct buf *b, struct slice sender, int64_t real_us)
{
	char date[DATE_MAX];
	int r = buf_put(b, SLICE("From "));

	if (sender.n == 0)
		sender = SLICE("MAILER-DAEMON");
	sender = slice_upto(sender, SENDER_MAX);
	for (size_t i = 0; i < sender.n && r == 0; i++) {
		unsigned char c = (unsigned char)sender.p[i];

		r = buf_put_byte(b, c <= ' ' || c == 127 ? '-' : (char)c);
	}
	date_mbox(real_us, date);
	return r == 0 ? buf_printf(b, " %s\n", date) : r;
}

/* ---- is it a From_ line? ---- */

static bool in_list(struct slice word, const char *list)
{
	if (word.n != 3)
		return false;
	for (; *list != '\0'; list += 3)
		if (slice_eq_nocase(word, (struct slice){ list, 3 }))
			return true;
	return false;
}

static bool is_weekday(struct slice word)
{
	return in_list(word, "SunMonTueWedThuFriSat");
}

static bool is_month(struct slice word)
{
	return in_list(word, "JanFebMarAprMayJunJulAugSepOctNovDec");
}

/* One digit or two, whatever they say. */
static bool is_small(struct slice word)
{
	uint64_t n;

	return word.n <= 2 && slice_number(word, 0, 99, &n) == 0;
}

/* h:m or h:m:s */
static bool is_time(struct slice word)
{
	struct slice part;
	int n = 0;

	for (; slice_field(&word, ':', &part); n++)
		if (!is_small(part))
			return false;
	return n == 2 || n == 3;
}

static bool is_year(struct slice word)
{
	uint64_t year;

	return (word.n == 2 || word.n == 4 || word.n == 5) &&
	       slice_number(word, 0, 99999, &year) == 0;
}

/* What may follow the time: up to two zones ("MET DST"), the year, more. */
static bool is_tail(struct slice rest)
{
	for (int i = 0; i < 3; i++) {
		struct slice word = slice_word(&rest);

		if (is_year(word))
			return true;
		if (word.n == 0 || ascii_is_digit(word.p[0]))
			return false;
	}
	return false;
}

/* Mon Nov 23 07:15:03 2026; a user may be called like a day */
static bool is_ctime(struct slice rest)
{
	struct slice word = slice_word(&rest);

	if (!is_weekday(word))
		return false;
	word = slice_word(&rest);
	if (is_weekday(word))
		word = slice_word(&rest);
	return is_month(word) && is_small(slice_word(&rest)) &&
	       is_time(slice_word(&rest)) && is_tail(rest);
}

/* Mon, 23 Nov 2026 07:15:03 */
static bool is_mail_date(struct slice rest)
{
	struct slice word = slice_word(&rest);

	return slice_ends(word, SLICE(",")) &&
	       is_weekday(slice_upto(word, word.n - 1)) &&
	       is_small(slice_word(&rest)) && is_month(slice_word(&rest)) &&
	       is_year(slice_word(&rest)) && is_time(slice_word(&rest));
}

static bool is_date(struct slice rest)
{
	return is_ctime(rest) || is_mail_date(rest);
}

/* Behind a sender that holds blanks, in quotes. */
static struct slice behind_quoted(struct slice rest)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < rest.n && (quoted || rest.p[n] != ' '); n++) {
		if (rest.p[n] == '\\')
			n++;
		else if (rest.p[n] == '"')
			quoted = !quoted;
	}
	return slice_from(rest, n);
}

bool mboxrd_is_from(struct slice line)
{
	struct slice rest = slice_from(line, FROM_LENGTH), word;

	if (!slice_starts(line, SLICE("From ")))
		return false;
	if (slice_ends(rest, SLICE("\r")))
		rest.n--;
	word = rest;
	(void)slice_word(&word);
	return is_date(word) || is_ctime(rest) || is_date(behind_quoted(rest));
}

bool mboxrd_from_parse(struct slice line, struct slice *ret_sender,
		       int64_t *ret_real_us)
{
	struct slice all = slice_from(line, FROM_LENGTH), rest;

	if (!slice_starts(line, SLICE("From ")))
		return false;
	if (slice_ends(all, SLICE("\r")))
		all.n--;
	rest = all;
	/* a sender may hold blanks, or not be there */
	for (; rest.n > 0; (void)slice_word(&rest)) {
		if (date_parse_mbox(rest, ret_real_us) < 0)
			continue;
		*ret_sender = slice_trim(slice_upto(all, all.n - rest.n));
		return true;
	}
	return false;
}
