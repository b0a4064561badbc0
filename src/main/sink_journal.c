/* SPDX-License-Identifier: ISC */
/* The journal, natively: sd_journal_sendv(3). One record per event, every
 * field a field of its own; the only file that knows libsystemd's journal. */
#include "main/sink.h"

#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include "base/buf.h"

#define RECORD_MAX 16384

bool sink_journal_there(void)
{
	return access("/run/systemd/journal/socket", F_OK) == 0;
}

/* Field i of the record begins at at[i] in `text`. Binary values are allowed
 * by the protocol, so nothing is escaped here: journalctl does. */
struct record {
	struct buf text;
	size_t at[LOG_FIELDS_MAX + 3];
	size_t n;
};

static void add(struct record *r, const char *prefix, const char *name,
		struct slice value)
{
	size_t before = r->text.n;

	if (r->n + 1 >= ARRAY_LEN(r->at))
		return;
	if (buf_put(&r->text, slice_of(prefix)) < 0 ||
	    buf_put(&r->text, slice_of(name)) < 0 ||
	    buf_put_byte(&r->text, '=') < 0 || buf_put(&r->text, value) < 0) {
		r->text.n = before;
		return;
	}
	r->at[r->n++] = before;
	r->at[r->n] = r->text.n;
}

static void send_record(const struct record *r)
{
	struct iovec iov[ARRAY_LEN(r->at)];

	for (size_t i = 0; i < r->n; i++) {
		iov[i].iov_base = r->text.p + r->at[i];
		iov[i].iov_len = r->at[i + 1] - r->at[i];
	}
	/* a journal that does not listen is nobody's reason to fail */
	(void)sd_journal_sendv(iov, (int)r->n);
}

void sink_journal(void *context, const struct log_kind *kind,
		  const struct log_field *fields, size_t n)
{
	struct record r = { .text = BUF(RECORD_MAX) };
	struct buf line = BUF(4096);
	const char level[2] = { (char)('0' + kind->level), '\0' };

	(void)context;
	log_format(&line, kind, fields, n);
	add(&r, "", "MESSAGE", buf_slice(&line));
	add(&r, "", "MESSAGE_ID", slice_of(kind->id));
	add(&r, "", "PRIORITY", slice_of(level));
	for (size_t i = 0; i < n; i++)
		add(&r, "POSTERN_", fields[i].name, fields[i].value);
	send_record(&r);
	buf_done(&line);
	buf_done(&r.text);
}
