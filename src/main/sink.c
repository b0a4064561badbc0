/* SPDX-License-Identifier: ISC */
/* See sink.h. The text sinks; the journal has a file of its own. */
#include "main/sink.h"

#include <syslog.h>

#include "base/buf.h"
#include "base/file.h"

#define LINE_MAX_BYTES 4096

struct sink {
	const char *program;
	int level;
	log_sink *next;
};

/* A static, as the log's own is. */
static struct sink installed;

static void to_syslog(void *context, const struct log_kind *kind,
		      const struct log_field *fields, size_t n)
{
	struct buf line = BUF(LINE_MAX_BYTES);

	(void)context;
	log_format(&line, kind, fields, n);
	syslog(LOG_MAIL | kind->level, "%.*s", (int)line.n, line.p);
	buf_done(&line);
}

static void to_stderr(void *context, const struct log_kind *kind,
		      const struct log_field *fields, size_t n)
{
	const struct sink *s = context;
	struct buf line = BUF(LINE_MAX_BYTES + 128);

	if (buf_printf(&line, "%s: ", s->program) == 0) {
		log_format(&line, kind, fields, n);
		/* a full line buffer costs the newline, no more */
		ignore(buf_put_byte(&line, '\n'));
		/* nobody is left to be told that this failed */
		ignore(file_write(STDERR_FILENO, buf_slice(&line)));
	}
	buf_done(&line);
}

static void by_level(void *context, const struct log_kind *kind,
		     const struct log_field *fields, size_t n)
{
	const struct sink *s = context;

	if (kind->level <= s->level)
		s->next(context, kind, fields, n);
}

static log_sink *choose(struct slice to, bool person_looks)
{
	if (slice_eq(to, SLICE("stderr")))
		return to_stderr;
	if (slice_eq(to, SLICE("syslog")))
		return to_syslog;
	if (slice_eq(to, SLICE("journal")))
		return sink_journal_there() ? sink_journal : NULL;
	if (person_looks)
		return to_stderr;
	return sink_journal_there() ? sink_journal : to_syslog;
}

int sink_install(const char *program, struct slice to, int level,
		 bool person_looks)
{
	if (slice_eq(to, SLICE("none"))) {
		log_set_sink(NULL, NULL);
		return 0;
	}
	installed.program = program;
	installed.level = level;
	installed.next = choose(to, person_looks);
	if (!installed.next)
		return -ENOTSUP;
	if (installed.next == to_syslog)
		openlog(program, LOG_PID, LOG_MAIL);
	log_set_sink(by_level, &installed);
	return 0;
}
