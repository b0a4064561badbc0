/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "net/line.h"

#define MOST 16

static const struct row {
	const char *in;
	bool lenient;
	enum line_event events[4];
	const char *line; /* the last LINE_OK's */
} rows[] = {
	{ "abc\r\n", false, { LINE_OK, LINE_EOF }, "abc" },
	{ "a\r\nb\r\n", false, { LINE_OK, LINE_OK, LINE_EOF }, "b" },
	{ "\r\n", false, { LINE_OK, LINE_EOF }, "" },
	{ "abc", false, { LINE_EOF }, NULL },
	{ "abc\n", false, { LINE_BARE }, NULL },
	{ "a\rb\r\n", false, { LINE_BARE }, NULL },
	{ "a\r\r\n", false, { LINE_BARE }, NULL },
	{ "12345678901234\r\n",
	  false,
	  { LINE_OK, LINE_EOF },
	  "12345678901234" },
	{ "123456789012345\r\nx\r\n",
	  false,
	  { LINE_TOO_LONG, LINE_OK, LINE_EOF },
	  "x" },
	{ "12345678901234567890\rx\r\n", false, { LINE_BARE }, NULL },
	{ "12345678901234567890\nx\r\n", false, { LINE_BARE }, NULL },
	{ "12345678901234567890", false, { LINE_EOF }, NULL },
	{ "a\nb\r\n", true, { LINE_OK, LINE_OK, LINE_EOF }, "b" },
	{ "a\rb\n", true, { LINE_BARE }, NULL },
	{ "12345678901234567890\nx\n",
	  true,
	  { LINE_TOO_LONG, LINE_OK, LINE_EOF },
	  "x" },
};

static void read_row(const struct row *row, size_t chunk)
{
	struct buf out = BUF(100);
	struct stream *s = stream_new_memory(slice_of(row->in), chunk, &out);
	char last[MOST + 1] = "";

	for (size_t i = 0; i < 4; i++) {
		struct slice line = SLICE_NONE;
		enum line_event e = line_read(s, MOST, row->lenient, &line);

		cr_assert_eq(e, row->events[i], "%s by %zu: event %zu is %d",
			     row->in, chunk, i, e);
		if (e != LINE_OK && e != LINE_TOO_LONG)
			break;
		if (e == LINE_OK)
			(void)snprintf(last, sizeof(last), "%.*s",
				       SLICE_ARG(line));
	}
	if (row->line)
		cr_assert_str_eq(last, row->line);
	stream_free(s);
	buf_done(&out);
}

Test(line, rows_in_any_chunking)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t chunk = 1; chunk < 25; chunk++)
			read_row(&rows[i], chunk);
}

Test(line, endless_lines_take_no_memory)
{
	size_t n = 1 << 20;
	char *text = malloc(n);
	struct buf out = BUF(10);
	struct slice line;
	struct stream *s;

	memset(text, 'x', n);
	memcpy(text + n - 6, "\r\nend\n", 6);
	text[n - 1] = '\n';
	s = stream_new_memory((struct slice){ text, n }, 0, &out);
	cr_assert_eq(line_read(s, 512, true, &line), LINE_TOO_LONG);
	cr_assert_eq(line_read(s, 512, true, &line), LINE_OK);
	cr_assert(slice_eq(line, SLICE("end")));
	stream_free(s);
	free(text);
	buf_done(&out);
}
