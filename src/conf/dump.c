/* SPDX-License-Identifier: ISC */
/* See settings_dump in settings.h. What it writes, ini.c reads back. */
#include "conf/value.h"

#define COLUMNS 76

/* A sentence as comment lines. */
static int dump_help(struct slice rest, struct buf *b)
{
	size_t column = COLUMNS;
	struct slice word;
	int r = 0;

	while (r == 0 && (word = slice_word(&rest)).n > 0) {
		bool wrap = column + 1 + word.n > COLUMNS;

		column = wrap ? 1 : column;
		r = wrap ? buf_put(b, SLICE("\n#")) : 0;
		if (r == 0)
			r = buf_put_byte(b, ' ');
		if (r == 0)
			r = buf_put(b, word);
		column += 1 + word.n;
	}
	return r;
}

static int dump_one(const struct setting *s, const struct settings *from,
		    bool help, struct buf *b)
{
	int r = help ? dump_help(slice_of(s->help), b) : 0;

	if (r == 0)
		r = buf_printf(b, "\n%s = ", s->key);
	if (r == 0)
		r = value_format(s, from, b);
	if (r == 0 && help)
		r = buf_put_byte(b, '\n');
	return r;
}

int settings_dump(const struct settings *s, bool help, struct buf *out)
{
	const char *section = "";
	int r = 0;

	for (size_t i = 0; r == 0 && i < settings_table_n; i++) {
		const struct setting *row = &settings_table[i];

		if (strcmp(section, row->section) != 0)
			r = buf_printf(out, "%s[%s]", i > 0 ? "\n\n" : "",
				       row->section);
		section = row->section;
		if (r == 0)
			r = dump_one(row, s, help, out);
	}
	return r < 0 ? r : buf_put_byte(out, '\n');
}
