/* SPDX-License-Identifier: ISC */
/* See wire.h. */
#include "auth/wire.h"

static bool is_plain(char c)
{
	return ascii_is_alnum(c) || (c != '\0' && strchr("@._:/+=-", c));
}

int wire_put(struct buf *line, const char *key, struct slice value)
{
	int r = buf_printf(line, " %s=", key);

	for (size_t i = 0; i < value.n && r == 0; i++) {
		char c = value.p[i];

		r = is_plain(c) ? buf_put_byte(line, c)
				: buf_printf(line, "%%%02X", (unsigned char)c);
	}
	return r;
}

struct slice wire_verb(struct slice line, struct slice *ret_fields)
{
	*ret_fields = line;
	return slice_word(ret_fields);
}

static int hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* -EBADMSG, or how long it is decoded; to may be the text's own place. */
static ssize_t decode(struct slice text, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int high, low;

		if (text.p[i] != '%') {
			if (!is_plain(text.p[i]))
				return -EBADMSG;
			to[n++] = text.p[i];
			continue;
		}
		if (text.n - i < 3)
			return -EBADMSG;
		high = hex(text.p[i + 1]);
		low = hex(text.p[i + 2]);
		if (high < 0 || low < 0)
			return -EBADMSG;
		to[n++] = (char)(high * 16 + low);
		i += 2;
	}
	return (ssize_t)n;
}

int wire_field(struct slice fields, const char *key, struct arena *arena,
	       struct slice *ret)
{
	struct slice want = slice_of(key), word;

	while ((word = slice_word(&fields)).n > 0) {
		struct slice copy;
		ssize_t n;

		if (!slice_starts(word, want) || word.n == want.n ||
		    word.p[want.n] != '=')
			continue;
		copy = arena_copy(arena, slice_from(word, want.n + 1));
		if (!copy.p)
			return -ENOMEM;
		n = decode(copy, (char *)copy.p);
		if (n < 0)
			return (int)n;
		*ret = (struct slice){ copy.p, (size_t)n };
		return 1;
	}
	return 0;
}
