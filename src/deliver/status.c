/* SPDX-License-Identifier: ISC */
/* See status.h. */
#include "deliver/status.h"

#include "base/escape.h"
#include "mail/date.h"

#define TEXT_MAX 500

int status_text(struct buf *b, struct slice s, bool utf8, size_t most)
{
	size_t start = b->n;
	int r = escape_text(b, s, most);

	for (size_t i = start; r == 0 && !utf8 && i < b->n; i++)
		if ((unsigned char)b->p[i] > 126)
			b->p[i] = '?';
	return r;
}

static int put_field(struct buf *b, const char *name, struct slice value,
		     bool utf8)
{
	int r = buf_put(b, slice_of(name));

	if (r == 0)
		r = status_text(b, value, utf8, TEXT_MAX);
	return r < 0 ? r : buf_put_byte(b, '\n');
}

static int put_date(struct buf *b, const char *name, int64_t real_us)
{
	char date[DATE_MAX];

	date_rfc5322(real_us, date);
	return put_field(b, name, slice_of(date), false);
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* xtext, RFC 3461 §4: "+2B" is '+'; what is none stays as it is. */
static int put_xtext(struct buf *b, const char *name, struct slice s, bool utf8)
{
	char plain[TEXT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < sizeof(plain); i++) {
		int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;

		if (s.p[i] == '+' && high >= 0 && low >= 0) {
			plain[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			plain[n++] = s.p[i];
		}
	}
	return put_field(b, name, (struct slice){ plain, n }, utf8);
}

int status_message(struct buf *b, const struct dsn *d, bool utf8)
{
	int r = put_field(b, "Reporting-MTA: dns; ", d->host, false);

	if (r == 0 && d->env->envid.n > 0)
		r = put_xtext(b, "Original-Envelope-Id: ", d->env->envid, utf8);
	if (r == 0)
		r = put_date(b, "Arrival-Date: ", d->env->arrived_us);
	return r;
}

/* "5.1.1", or what the action alone says. */
static struct slice status_code(const struct dsn *d, const struct recipient *r)
{
	static const char classes[] = { '5', '4', '2' };
	static const char *const plain[] = { "5.0.0", "4.0.0", "2.0.0" };
	bool good = r->status.n >= 5 &&
		    (r->status.p[0] == classes[d->action] ||
		     (d->action == DSN_FAILED && r->status.p[0] == '4'));

	for (size_t i = 0; good && i < r->status.n; i++)
		good = ascii_is_digit(r->status.p[i]) || r->status.p[i] == '.';
	return good ? r->status : slice_of(plain[d->action]);
}

static const char *action_word(const struct dsn *d, const struct recipient *r)
{
	if (d->action == DSN_DELIVERED && r->state == RECIPIENT_RELAYED)
		return "relayed";
	return dsn_action_text(d->action);
}

static int put_names(struct buf *b, const struct recipient *r, bool utf8)
{
	const char *final = utf8 && !ascii_only(r->address)
				    ? "Final-Recipient: utf-8; "
				    : "Final-Recipient: rfc822; ";
	int e = 0;

	if (r->orcpt.n > 0)
		e = put_xtext(b, "Original-Recipient: ", r->orcpt, utf8);
	return e < 0 ? e : put_field(b, final, r->address, utf8);
}

/* What another host said is SMTP; what we say ourselves is not. */
static int put_diagnosis(struct buf *b, const struct recipient *r, bool utf8)
{
	bool smtp = r->remote.n > 0;
	int e = 0;

	if (smtp)
		e = put_field(b, "Remote-MTA: dns; ", r->remote, false);
	if (e < 0 || r->detail.n == 0)
		return e;
	return put_field(b,
			 smtp ? "Diagnostic-Code: smtp; "
			      : "Diagnostic-Code: X-Postern; ",
			 r->detail, utf8);
}

int status_recipient(struct buf *b, const struct dsn *d,
		     const struct recipient *r, bool utf8)
{
	int e = buf_put_byte(b, '\n');

	if (e == 0)
		e = put_names(b, r, utf8);
	if (e == 0)
		e = buf_printf(b, "Action: %s\n", action_word(d, r));
	if (e == 0)
		e = put_field(b, "Status: ", status_code(d, r), false);
	if (e == 0)
		e = put_diagnosis(b, r, utf8);
	if (e == 0 && r->attempts > 0)
		e = put_date(b, "Last-Attempt-Date: ", d->now_us);
	if (e == 0 && d->action == DSN_DELAYED)
		e = put_date(b, "Will-Retry-Until: ", d->expire_us);
	return e;
}
