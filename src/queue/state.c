/* SPDX-License-Identifier: ISC */
/* The state of one recipient in a field of fixed width: queue_state_format and
 * queue_state_parse of format.h.
 *
 * A power cut may leave part of a line old and part of it new. So each column
 * stands at its place whatever it holds, words are told apart by their first
 * octet alone, numbers are always all digits, and text that came apart is
 * dropped: a torn line still says one thing or the other. */
#include "queue/format.h"

#include "queue/field.h"

/* Columns: where each begins and how long it may be; blanks between. */
enum {
	AT_STATE = 2,
	AT_WARNED = 12,
	AT_REPORTED = 19,
	AT_ATTEMPTS = 28,
	ATTEMPTS_DIGITS = 5,
	AT_STATUS = 34,
	STATUS_OCTETS = 11,
	AT_REMOTE = 46,
	REMOTE_OCTETS = 48,
	AT_DETAIL = 95,
	DETAIL_OCTETS = QUEUE_STATE_BYTES - 1 - AT_DETAIL,
};
#define ATTEMPTS_MAX 99999U

/* The first letters differ: see above. */
static const char *const words[] = {
	[RECIPIENT_PENDING] = "pending",   [RECIPIENT_DELIVERED] = "delivered",
	[RECIPIENT_RELAYED] = "relayed",   [RECIPIENT_FAILED] = "failed",
	[RECIPIENT_EXPANDED] = "expanded",
};

static void put_word(char *line, const char *word)
{
	memcpy(line, word, strlen(word));
}

/* A blank at its end would be taken for padding. */
static void put_text(char *line, struct slice s, const char *also, size_t most)
{
	struct buf b = BUF(QUEUE_STATE_BYTES);

	if (field_put(&b, s, also, most) == 0 && b.n > 0) {
		if (b.p[b.n - 1] == ' ' && b.n + 3 <= most) {
			b.n--;
			ignore(buf_put(&b, SLICE("\\x20"))); /* fits */
		}
		memcpy(line, b.p, b.n);
	}
	buf_done(&b);
}

void queue_state_format(const struct recipient *r, char ret[QUEUE_STATE_BYTES])
{
	char digits[16];

	memset(ret, ' ', QUEUE_STATE_BYTES - 1);
	ret[QUEUE_STATE_BYTES - 1] = '\n';
	put_word(ret + AT_STATE, words[r->state]);
	put_word(ret + AT_WARNED, r->warned ? "warned" : "-");
	put_word(ret + AT_REPORTED, r->reported ? "reported" : "-");
	(void)snprintf(digits, sizeof(digits), "%0*u", ATTEMPTS_DIGITS,
		       r->attempts < ATTEMPTS_MAX ? r->attempts : ATTEMPTS_MAX);
	put_word(ret + AT_ATTEMPTS, digits);
	put_text(ret + AT_STATUS, r->status, " ", STATUS_OCTETS);
	put_text(ret + AT_REMOTE, r->remote, " ", REMOTE_OCTETS);
	put_text(ret + AT_DETAIL, r->detail, "", DETAIL_OCTETS);
}

static int take_state(char first, enum recipient_state *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i][0] == first) {
			*ret = (enum recipient_state)i;
			return 0;
		}
	return -EBADMSG;
}

/* Text that came apart is no reason to lose a message. */
static int take_text(struct slice line, size_t at, size_t most,
		     struct arena *arena, struct slice *ret)
{
	struct slice s = slice_upto(slice_from(line, at), most);
	int r;

	while (s.n > 0 && s.p[s.n - 1] == ' ')
		s.n--;
	*ret = SLICE_NONE;
	r = s.n > 0 ? field_take(s, arena, ret) : 0;
	return r == -EBADMSG ? 0 : r;
}

int queue_state_parse(struct slice text, struct arena *arena,
		      struct recipient *r)
{
	struct recipient next = *r;
	uint64_t attempts;
	int e;

	if (text.n != QUEUE_STATE_BYTES || text.p[text.n - 1] != '\n' ||
	    slice_find(text, '\n') != text.n - 1)
		return -EBADMSG;
	e = take_state(text.p[AT_STATE], &next.state);
	if (e == 0 && slice_number(slice_upto(slice_from(text, AT_ATTEMPTS),
					      ATTEMPTS_DIGITS),
				   0, ATTEMPTS_MAX, &attempts) < 0)
		e = -EBADMSG;
	if (e == 0)
		e = take_text(text, AT_STATUS, STATUS_OCTETS, arena,
			      &next.status);
	if (e == 0)
		e = take_text(text, AT_REMOTE, REMOTE_OCTETS, arena,
			      &next.remote);
	if (e == 0)
		e = take_text(text, AT_DETAIL, DETAIL_OCTETS, arena,
			      &next.detail);
	if (e < 0)
		return e;
	next.attempts = (unsigned)attempts;
	next.warned = text.p[AT_WARNED] == 'w';
	next.reported = text.p[AT_REPORTED] == 'r';
	*r = next;
	return 0;
}
