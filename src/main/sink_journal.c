/* SPDX-License-Identifier: ISC */
/* The journal, natively: one datagram per record, every field a field of its
 * own (systemd.io/JOURNAL_NATIVE_PROTOCOL). By ourselves, not by
 * sd_journal_sendv(3): each session logs, and to load libsystemd for it costs
 * a third of a session's processor time. */
#include "main/sink.h"

#include <endian.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RECORD_MAX 16384 /* a socket takes so much at once */

#define JOURNAL "/run/systemd/journal/socket"

bool sink_journal_there(void)
{
	return access(JOURNAL, F_OK) == 0;
}

/* NAME=value, or where that could not be told from what follows, NAME, the
 * value's length, the value. */
static int put_field(struct buf *record, const char *prefix, const char *name,
		     struct slice value)
{
	const uint64_t n = htole64(value.n);
	bool one_line = slice_find(value, '\n') == value.n;
	int r = buf_printf(record, "%s%s%c", prefix, name,
			   one_line ? '=' : '\n');

	if (r == 0 && !one_line)
		r = buf_put(record,
			    (struct slice){ (const char *)&n, sizeof(n) });
	if (r == 0)
		r = buf_put(record, value);
	return r < 0 ? r : buf_put_byte(record, '\n');
}

/* What does not fit is left out, whole. */
static void add(struct buf *record, const char *prefix, const char *name,
		struct slice value)
{
	size_t before = record->n;

	if (put_field(record, prefix, name, value) < 0)
		record->n = before;
}

static void send_record(const struct buf *record)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL };
	struct iovec all = { record->p, record->n };
	const struct msghdr m = { .msg_name = &to,
				  .msg_namelen = sizeof(to),
				  .msg_iov = &all,
				  .msg_iovlen = 1 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	/* a journal that does not listen is nobody's reason to fail */
	ignore(sendmsg(fd, &m, MSG_NOSIGNAL));
	(void)close(fd); /* nothing is lost */
}

void sink_journal_record(struct buf *ret, const struct log_kind *kind,
			 const struct log_field *fields, size_t n)
{
	struct buf line = BUF(4096);
	const char level[2] = { (char)('0' + kind->level), '\0' };

	log_format(&line, kind, fields, n);
	add(ret, "", "MESSAGE", buf_slice(&line));
	add(ret, "", "MESSAGE_ID", slice_of(kind->id));
	add(ret, "", "PRIORITY", slice_of(level));
	/* mail(2): with it, journalctl --facility=mail finds also what a
	 * process said as it ended. To learn its unit journald asks the kernel
	 * who it is, and may come too late. */
	add(ret, "", "SYSLOG_FACILITY", SLICE("2"));
	add(ret, "", "SYSLOG_IDENTIFIER",
	    slice_of(program_invocation_short_name));
	for (size_t i = 0; i < n; i++)
		add(ret, "POSTERN_", fields[i].name, fields[i].value);
	buf_done(&line);
}

void sink_journal(void *context, const struct log_kind *kind,
		  const struct log_field *fields, size_t n)
{
	struct buf record = BUF(RECORD_MAX);

	(void)context;
	sink_journal_record(&record, kind, fields, n);
	send_record(&record);
	buf_done(&record);
}
