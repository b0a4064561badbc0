/* SPDX-License-Identifier: ISC */
/* See source.h. */
#include "cli/source.h"

static int put(struct source_lines *l, struct slice bytes)
{
	return bytes.n > 0 ? l->out(l->context, bytes) : 0;
}

int source_lines_end(struct source_lines *l)
{
	bool held = l->held;

	l->held = false;
	return held ? put(l, SLICE("\r")) : 0;
}

/* Where the first CR stands that a LF follows, or could, or bytes.n. */
static size_t find_crlf(struct slice bytes)
{
	size_t at = 0;

	while ((at += slice_find(slice_from(bytes, at), '\r')) < bytes.n) {
		if (at + 1 == bytes.n || bytes.p[at + 1] == '\n')
			return at;
		at++;
	}
	return bytes.n;
}

int source_lines_put(void *context, struct slice bytes)
{
	struct source_lines *l = context;
	int r = 0;

	if (!l->crlf || bytes.n == 0)
		return put(l, bytes);
	if (bytes.p[0] == '\n')
		l->held = false;
	else
		r = source_lines_end(l);
	while (bytes.n > 0 && r == 0) {
		size_t at = find_crlf(bytes);

		r = put(l, slice_upto(bytes, at));
		l->held = at + 1 == bytes.n;
		bytes = slice_from(bytes, at + 1);
	}
	return r;
}
