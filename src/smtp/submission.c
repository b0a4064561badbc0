/* SPDX-License-Identifier: ISC */
/* What a submission server may add to a message: Date (RFC 6409 §8.2) and
 * Message-ID (§8.3). Never touches what is there, and never makes a header
 * for a message that has none. */
#include "smtp/session.h"

#include "base/clock.h"
#include "mail/date.h"

void submission_complete(struct session *s)
{
	const struct message *m = &s->message;
	struct buf lines = BUF(1024);
	char date[DATE_MAX];
	int r = 0;

	if (s->config->role == SMTP_MX || !m->any_field)
		return;
	date_rfc5322(clock_real_us(), date);
	if (!m->has_date)
		r = buf_printf(&lines, "Date: %s\n", date);
	if (r == 0 && !m->has_id)
		r = buf_printf(&lines, "Message-ID: <%.*s@%.*s>\n",
			       SLICE_ARG(s->env.id),
			       SLICE_ARG(s->config->host));
	if (r < 0 && s->message.error == 0)
		s->message.error = r;
	message_add(s, buf_slice(&lines));
	buf_done(&lines);
}
