/* SPDX-License-Identifier: ISC */
/* A delivery status notification as a message: its header, the sentence for
 * people, and what is sent back of the original. The part for programs is in
 * status.c. What strangers wrote cannot leave its line. */
#include "deliver/dsn.h"

#include "base/escape.h"
#include "base/ident.h"
#include "deliver/content.h"
#include "deliver/status.h"
#include "mail/date.h"

#define MESSAGE_ID_MAX 250
#define BOUNDARY_MAX   (2 * IDENT_MAX + 16)
#define PIECE          16384
#define DETAIL_MAX     500

/* ---- who is owed what ---- */

static bool is_owed(const struct recipient *r, enum dsn_action action)
{
	unsigned notify = r->notify ? r->notify : DSN_FAILURE | DSN_DELAY;

	switch (action) {
	case DSN_FAILED:
		return r->state == RECIPIENT_FAILED && !r->reported &&
		       notify & DSN_FAILURE;
	case DSN_DELAYED:
		return r->state == RECIPIENT_PENDING && !r->warned &&
		       notify & DSN_DELAY;
	case DSN_DELIVERED:
		return (r->state == RECIPIENT_DELIVERED ||
			r->state == RECIPIENT_RELAYED) &&
		       !r->reported && notify & DSN_SUCCESS;
	}
	return false;
}

size_t dsn_owed(const struct envelope *env, enum dsn_action action, bool *about)
{
	size_t n = 0;

	for (size_t i = 0; i < env->n_to; i++) {
		about[i] = is_owed(&env->to[i], action);
		n += about[i];
	}
	return n;
}

/* ---- what is sent back ---- */

struct report {
	const struct dsn *dsn;
	struct content content;
	uint64_t returned; /* octets of the original */
	bool full;
	bool eight_bit; /* in what is returned */
	bool utf8;
	char message_id[MESSAGE_ID_MAX + 1];
	char boundary[BOUNDARY_MAX];
	struct buf text;
};

/* Only one that cannot break out of In-Reply-To. */
static void find_message_id(void *context, struct slice name, struct slice body)
{
	struct report *p = context;

	if (p->message_id[0] != '\0' ||
	    !slice_eq_nocase(name, SLICE("Message-ID")) ||
	    body.n > MESSAGE_ID_MAX || !slice_starts(body, SLICE("<")) ||
	    slice_find(body, '>') != body.n - 1)
		return;
	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] <= ' ' || body.p[i] > '~')
			return;
	memcpy(p->message_id, body.p, body.n);
	p->message_id[body.n] = '\0';
}

/* A cut header ends with a whole line. */
static int cut_header(struct report *p)
{
	char block[PIECE];
	struct slice piece;
	ssize_t n;

	if (p->returned <= DSN_HEADER_MAX)
		return 0;
	p->returned = DSN_HEADER_MAX;
	n = content_piece(&p->content, DSN_HEADER_MAX - PIECE, block,
			  sizeof(block), &piece);
	if (n < 0)
		return (int)n;
	if (slice_find_last(piece, '\n') < piece.n)
		p->returned -= piece.n - slice_find_last(piece, '\n') - 1;
	return 0;
}

static bool names_utf8(const struct dsn *d)
{
	bool utf8 = d->env->smtputf8 || !ascii_only(d->to);

	for (size_t i = 0; i < d->env->n_to; i++)
		utf8 |= d->about[i] && !ascii_only(d->env->to[i].address);
	return utf8;
}

static int report_start(struct report *p, const struct dsn *d)
{
	char one[IDENT_MAX], two[IDENT_MAX];
	int r;

	*p = (struct report){ .dsn = d, .text = BUF(PIECE) };
	p->content = (struct content){ .fd = d->fd,
				       .offset = d->offset,
				       .length = d->length };
	ident_new(one);
	ident_new(two);
	(void)snprintf(p->boundary, sizeof(p->boundary), "=_%s.%s", one, two);
	r = content_header(&p->content, find_message_id, p, &p->returned);
	p->full = d->env->ret == DSN_RET_FULL && d->action == DSN_FAILED &&
		  d->length <= d->full_max &&
		  !d->env->requiretls; /* RFC 8689 §5 */
	if (p->full)
		p->returned = d->length;
	else if (r == 0)
		r = cut_header(p);
	if (r == 0)
		r = content_eight_bit(&p->content, p->returned);
	if (r < 0)
		return r;
	p->eight_bit = r == 1;
	p->utf8 = names_utf8(d);
	return 0;
}

int dsn_needs(const struct dsn *d, bool *ret_eight_bit, bool *ret_smtputf8)
{
	struct report p;
	int r = report_start(&p, d);

	buf_done(&p.text);
	if (r < 0)
		return r;
	*ret_eight_bit = p.eight_bit || p.utf8;
	*ret_smtputf8 = p.utf8;
	return 0;
}

/* ---- the header ---- */

static const struct {
	const char *word, *subject, *opening;
} kinds[] = {
	[DSN_FAILED] = { "failed", "Your message could not be delivered",
			 "Your message could not be delivered to the "
			 "recipients below.\nNo further attempt will be "
			 "made.\n" },
	[DSN_DELAYED] = { "delayed", "Your message is delayed",
			  "Your message has not been delivered yet to the "
			  "recipients below.\nYou need not send it again: "
			  "further attempts will be made.\n" },
	[DSN_DELIVERED] = { "delivered", "Your message was delivered",
			    "Your message was delivered, or handed on to a "
			    "host that does not\nreport further, for the "
			    "recipients below.\n" },
};

const char *dsn_action_text(enum dsn_action action)
{
	return kinds[action].word;
}

static int put_reply_to_id(struct buf *b, const char *id)
{
	if (id[0] == '\0')
		return 0;
	return buf_printf(b, "In-Reply-To: %s\nReferences: %s\n", id, id);
}

static int put_from(struct report *p)
{
	struct buf *b = &p->text;
	const struct dsn *d = p->dsn;
	int r = buf_put(b, SLICE("From: Mail Delivery System <"));

	if (r == 0)
		r = status_text(b, d->postmaster, p->utf8, DETAIL_MAX);
	if (r == 0)
		r = buf_put(b, SLICE(">\nTo: <"));
	if (r == 0)
		r = status_text(b, d->to, p->utf8, DETAIL_MAX);
	return r < 0 ? r : buf_put(b, SLICE(">\n"));
}

static int put_header(struct report *p)
{
	struct buf *b = &p->text;
	const struct dsn *d = p->dsn;
	char date[DATE_MAX], id[IDENT_MAX];
	int r = put_from(p);

	date_rfc5322(d->now_us, date);
	ident_new(id);
	if (r == 0)
		r = buf_printf(b,
			       "Subject: %s\nDate: %s\nMessage-ID: "
			       "<%s.dsn@%.*s>\n",
			       kinds[d->action].subject, date, id,
			       SLICE_ARG(d->host));
	if (r == 0)
		r = put_reply_to_id(b, p->message_id);
	if (r == 0)
		r = buf_printf(b,
			       "Auto-Submitted: auto-replied\n"
			       "MIME-Version: 1.0\n"
			       "Content-Type: multipart/report;\n"
			       "\treport-type=delivery-status;\n"
			       "\tboundary=\"%s\"\n"
			       "Content-Transfer-Encoding: %s\n\n",
			       p->boundary,
			       p->eight_bit || p->utf8 ? "8bit" : "7bit");
	return r;
}

/* ---- for people ---- */

static int put_person(struct report *p, const struct recipient *r)
{
	struct buf *b = &p->text;
	int e = buf_put(b, SLICE("\n<"));

	if (e == 0)
		e = status_text(b, r->address, p->utf8, DETAIL_MAX);
	if (e == 0)
		e = buf_put(b, SLICE(">\n"));
	if (e < 0 || r->detail.n == 0)
		return e;
	e = buf_put(b, SLICE("    "));
	if (e == 0 && r->remote.n > 0) {
		e = status_text(b, r->remote, p->utf8, DETAIL_MAX);
		if (e == 0)
			e = buf_put(b, SLICE(" said: "));
	}
	if (e == 0)
		e = status_text(b, r->detail, p->utf8, DETAIL_MAX);
	return e < 0 ? e : buf_put_byte(b, '\n');
}

static int flush(struct report *p, dsn_out *out, void *context)
{
	int r = p->text.n ? out(context, buf_slice(&p->text)) : 0;

	buf_reset(&p->text);
	return r;
}

static int put_opening(struct report *p)
{
	const struct dsn *d = p->dsn;
	char date[DATE_MAX];
	int r = buf_printf(&p->text,
			   "--%s\nContent-Type: text/plain; charset=%s\n"
			   "Content-Transfer-Encoding: %s\n\n"
			   "This is the mail system at %.*s.\n\n%s",
			   p->boundary, p->utf8 ? "utf-8" : "us-ascii",
			   p->utf8 ? "8bit" : "7bit", SLICE_ARG(d->host),
			   kinds[d->action].opening);

	date_rfc5322(d->expire_us, date);
	if (r == 0 && d->action == DSN_DELAYED)
		r = buf_printf(&p->text, "They end on %s.\n", date);
	return r;
}

static int write_people(struct report *p, dsn_out *out, void *context)
{
	int r = put_opening(p);

	for (size_t i = 0; i < p->dsn->env->n_to && r == 0; i++)
		if (p->dsn->about[i]) {
			r = put_person(p, &p->dsn->env->to[i]);
			if (r == 0)
				r = flush(p, out, context);
		}
	return r;
}

/* ---- for programs ---- */

static int write_status(struct report *p, dsn_out *out, void *context)
{
	int r = buf_printf(&p->text,
			   "\n--%s\nContent-Type: message/%sdelivery-status\n"
			   "%s\n",
			   p->boundary, p->utf8 ? "global-" : "",
			   p->utf8 ? "Content-Transfer-Encoding: 8bit\n" : "");

	if (r == 0)
		r = status_message(&p->text, p->dsn, p->utf8);
	for (size_t i = 0; i < p->dsn->env->n_to && r == 0; i++)
		if (p->dsn->about[i]) {
			r = status_recipient(&p->text, p->dsn,
					     &p->dsn->env->to[i], p->utf8);
			if (r == 0)
				r = flush(p, out, context);
		}
	return r;
}

/* ---- the original ---- */

static const char *original_type(const struct report *p)
{
	if (p->full)
		return p->utf8 ? "message/global" : "message/rfc822";
	return p->utf8 ? "message/global-headers" : "text/rfc822-headers";
}

static int write_original(struct report *p, dsn_out *out, void *context)
{
	char block[PIECE];
	struct slice piece;
	int r = buf_printf(&p->text,
			   "\n--%s\nContent-Type: %s\n"
			   "Content-Transfer-Encoding: %s\n\n",
			   p->boundary, original_type(p),
			   p->eight_bit ? "8bit" : "7bit");

	if (r == 0)
		r = flush(p, out, context);
	for (uint64_t at = 0; at < p->returned && r == 0; at += piece.n) {
		ssize_t n = content_piece(&p->content, at, block, sizeof(block),
					  &piece);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		if (piece.n > p->returned - at)
			piece.n = (size_t)(p->returned - at);
		r = out(context, piece);
	}
	if (r == 0)
		r = buf_printf(&p->text, "\n--%s--\n", p->boundary);
	return r < 0 ? r : flush(p, out, context);
}

int dsn_write(const struct dsn *d, dsn_out *out, void *context)
{
	struct report p;
	int r = report_start(&p, d);

	if (r == 0)
		r = put_header(&p);
	if (r == 0)
		r = write_people(&p, out, context);
	if (r == 0)
		r = write_status(&p, out, context);
	if (r == 0)
		r = write_original(&p, out, context);
	buf_done(&p.text);
	return r;
}
