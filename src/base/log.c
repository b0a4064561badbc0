/* SPDX-License-Identifier: ISC */
/* See log.h. A static lies here: where records go. */
#include "base/log.h"

#include "base/escape.h"

#define VALUE_MAX 512

static struct {
	log_sink *sink;
	void *context;
} installed;

void log_set_sink(log_sink *sink, void *context)
{
	installed.sink = sink;
	installed.context = context;
}

void log_event(const struct log_kind *kind, const struct log_field *fields,
	       size_t n)
{
	if (installed.sink)
		installed.sink(installed.context, kind, fields, n);
}

/* QUEUE_ID reads "queue-id" in a line of text. */
static int put_name(struct buf *line, const char *name)
{
	int r = 0;

	for (; *name != '\0' && r == 0; name++)
		r = buf_put_byte(line, *name == '_' ? '-' : ascii_lower(*name));
	return r;
}

static bool needs_quotes(struct slice v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == ' ' || v.p[i] == '"' || v.p[i] == '=')
			return true;
	return v.n == 0;
}

/* No stranger's quote may end the value and begin a field of his own. */
static int put_value(struct buf *line, struct slice value)
{
	struct buf text = BUF(4 * VALUE_MAX + sizeof("…"));
	struct slice rest, part;
	int r = escape_text(&text, value, VALUE_MAX);

	rest = buf_slice(&text);
	for (bool first = true; r == 0 && slice_field(&rest, '"', &part);
	     first = false) {
		r = first ? 0 : buf_put(line, SLICE("\\\""));
		if (r == 0)
			r = buf_put(line, part);
	}
	buf_done(&text);
	return r;
}

static int put_field(struct buf *line, const struct log_field *f)
{
	bool quotes = needs_quotes(f->value);
	int r = buf_put_byte(line, ' ');

	if (r == 0)
		r = put_name(line, f->name);
	if (r == 0)
		r = buf_put(line, quotes ? SLICE("=\"") : SLICE("="));
	if (r == 0)
		r = put_value(line, f->value);
	if (r == 0 && quotes)
		r = buf_put_byte(line, '"');
	return r;
}

void log_format(struct buf *line, const struct log_kind *kind,
		const struct log_field *fields, size_t n)
{
	int r = buf_put(line, slice_of(kind->text));

	for (size_t i = 0; i < n && r == 0; i++)
		if (fields[i].value.n > 0)
			r = put_field(line, &fields[i]);
}
