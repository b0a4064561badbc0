/* SPDX-License-Identifier: ISC */
/* See warning.h. */
#include "deliver/warning.h"

#include "base/escape.h"
#include "base/ident.h"
#include "conf/quantity.h"
#include "deliver/status.h"
#include "mail/date.h"

#define ADDRESS_MAX 500

static int put_addresses(struct buf *b, const struct warning *w)
{
	int r = buf_put(b, SLICE("From: Mail Delivery System <"));

	if (r == 0)
		r = status_text(b, w->postmaster, true, ADDRESS_MAX);
	if (r == 0)
		r = buf_put(b, SLICE(">\nTo: <"));
	if (r == 0)
		r = status_text(b, w->to, true, ADDRESS_MAX);
	return r < 0 ? r : buf_put(b, SLICE(">\n"));
}

static int put_header(struct buf *b, const struct warning *w)
{
	bool ascii = ascii_only(w->postmaster) && ascii_only(w->to);
	char date[DATE_MAX], id[IDENT_MAX];
	struct quota of;
	int r = put_addresses(b, w);

	date_rfc5322(w->now_us, date);
	ident_new(id);
	if (r == 0)
		r = buf_printf(b,
			       "Subject: Your mailbox is %u %% full\n"
			       "Date: %s\n"
			       "Message-ID: <%s.quota@%.*s>\n"
			       "Auto-Submitted: auto-generated\n"
			       "MIME-Version: 1.0\n"
			       "Content-Type: text/plain; charset=%s\n"
			       "Content-Transfer-Encoding: %s\n\n",
			       quota_share(&w->quota, &w->usage, &of), date, id,
			       SLICE_ARG(w->host), ascii ? "us-ascii" : "utf-8",
			       ascii ? "7bit" : "8bit");
	return r;
}

/* "It holds 920 MiB in 1234 messages; it may hold 1 GiB." */
static int put_numbers(struct buf *b, const struct warning *w)
{
	int r = buf_put(b, SLICE("It holds "));

	if (r == 0)
		r = quantity_format_about(b, w->usage.octets);
	if (r == 0 && w->quota.messages > 0)
		r = buf_printf(b, " in %llu messages",
			       (unsigned long long)w->usage.messages);
	if (r == 0)
		r = buf_put(b, SLICE(";\nit may hold "));
	if (r == 0)
		r = quota_format(b, &w->quota);
	return r < 0 ? r : buf_put(b, SLICE(".\n"));
}

int warning_write(struct buf *b, const struct warning *w)
{
	int r = put_header(b, w);

	if (r == 0)
		r = buf_printf(b,
			       "This is the mail system at %.*s.\n\n"
			       "The mailbox of <",
			       SLICE_ARG(w->host));
	if (r == 0)
		r = status_text(b, w->to, true, ADDRESS_MAX);
	if (r == 0)
		r = buf_put(b, SLICE("> has used "));
	if (r == 0)
		r = quota_format_share(b, &w->quota, &w->usage);
	if (r == 0)
		r = buf_put(b, SLICE(".\n"));
	if (r == 0)
		r = put_numbers(b, w);
	if (r == 0)
		r = buf_printf(b,
			       "\nOnce it is full, mail for it is turned away. "
			       "Please remove what you no\nlonger need; a mail "
			       "program that leaves messages on the server can "
			       "be told\nto remove them when they are fetched."
			       "\n\nYou are told this once, and not again "
			       "before the mailbox has been below\n%u %%.\n",
			       w->again);
	return r;
}
