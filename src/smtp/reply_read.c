/* SPDX-License-Identifier: ISC */
/* Replies of the servers we talk to, declared in reply.h. RFC 5321 §4.2,
 * RFC 2034 §4. Never waits for more lines or keeps more text than bounded. */
#include "smtp/reply.h"

#include "net/line.h"

#define REPLY_LINE_MAX  4096 /* some servers exceed 512 */
#define REPLY_LINES_MAX 512
#define REPLY_TEXT_MAX  8192

static int error_of(enum line_event e)
{
	switch (e) {
	case LINE_OK:
		return 0;
	case LINE_TOO_LONG:
		return -EMSGSIZE;
	case LINE_BARE:
		return -EPROTO;
	case LINE_EOF:
		return -ECONNRESET;
	case LINE_TIMEOUT:
		return -ETIMEDOUT;
	case LINE_CANCELLED:
	case LINE_ERROR:
		break;
	}
	return -EIO;
}

/* Reply-code = %x32-35 %x30-35 %x30-39; the second digit is not checked.
 * *ret_more: a hyphen follows. */
static int parse_code(struct slice line, unsigned *ret_code, bool *ret_more)
{
	uint64_t code;

	if (line.n < 3 ||
	    slice_number(slice_upto(line, 3), 200, 599, &code) < 0)
		return -EPROTO;
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return -EPROTO;
	*ret_code = (unsigned)code;
	*ret_more = line.n > 3 && line.p[3] == '-';
	return 0;
}

/* status-code = class "." subject "." detail; RFC 3463 §2. Taken only if its
 * class is the reply's. */
static void find_enhanced(struct reply *r)
{
	struct slice text = buf_slice(&r->text);
	struct slice word = slice_upto(text, slice_find(text, '\n'));
	struct slice code, rest, field;
	uint64_t number;
	unsigned fields = 0;

	word = slice_upto(word, slice_find(word, ' '));
	code = rest = word;
	if (code.n >= sizeof(r->enhanced) || code.n < 5 ||
	    (unsigned)(code.p[0] - '0') != r->code / 100 || code.p[1] != '.')
		return;
	while (slice_field(&rest, '.', &field)) {
		if (field.n > 3 || slice_number(field, 0, 999, &number) < 0)
			return;
		fields++;
	}
	if (fields == 3) {
		memcpy(r->enhanced, code.p, code.n);
		r->enhanced[code.n] = '\0';
	}
}

/* Text past the bound is dropped; the reply counts all the same. */
static int add_text(struct reply *r, struct slice text, bool first)
{
	size_t room = r->text.ceiling - r->text.n;

	if (!first && room > 0) {
		if (buf_put_byte(&r->text, '\n') < 0)
			return -ENOMEM;
		room--;
	}
	return buf_put(&r->text, slice_upto(text, room));
}

static int read_line(struct stream *s, struct reply *r, bool first,
		     bool *ret_more)
{
	struct slice line;
	unsigned code = 0;
	int e = error_of(line_read(s, REPLY_LINE_MAX, true, &line));

	if (e == 0)
		e = parse_code(line, &code, ret_more);
	if (e < 0)
		return e;
	if (!first && code != r->code)
		return -EPROTO;
	r->code = code;
	return add_text(r, slice_from(line, 4), first);
}

int reply_read(struct stream *s, struct reply *ret)
{
	struct reply r = { .text = BUF(REPLY_TEXT_MAX) };
	bool more = true;
	int e = 0;

	for (size_t n = 0; more && e == 0; n++)
		e = n < REPLY_LINES_MAX ? read_line(s, &r, n == 0, &more)
					: -EMSGSIZE;
	if (e < 0) {
		reply_done(&r);
		return e;
	}
	find_enhanced(&r);
	*ret = r;
	return 0;
}

void reply_done(struct reply *r)
{
	buf_done(&r->text);
	r->code = 0;
}
