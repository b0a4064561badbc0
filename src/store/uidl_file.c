/* SPDX-License-Identifier: ISC */
/* See uidl_file.h. */
#include "store/uidl_file.h"

static int nibble(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_digest(struct slice word, uint64_t *ret_tag)
{
	uint64_t tag = 0;

	if (word.n != UIDL_DIGEST)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		int n = nibble(word.p[i]);

		if (n < 0)
			return false;
		if (i < 16)
			tag = tag << 4 | (uint64_t)n;
	}
	*ret_tag = tag != 0 ? tag : 1; /* as uidl_tag */
	return true;
}

void uidl_lines_start(struct uidl_lines *l, int fd, uint64_t at)
{
	l->fd = fd;
	l->at = l->from = at;
	l->block_n = 0;
}

/* The bytes from l->at on, at least a line of them if the file has so many.
 * Most readers want one group of one message, the others all. */
static int fill(struct uidl_lines *l)
{
	size_t want = l->block_n == 0 ? 2 * UIDL_LINE : UIDL_BLOCK;
	ssize_t n;

	if (l->at >= l->from && l->at + UIDL_LINE <= l->from + l->block_n)
		return 0;
	n = file_read_at(l->fd, l->block, want, l->at);
	if (n < 0)
		return (int)n;
	l->from = l->at;
	l->block_n = (size_t)n;
	return 0;
}

static bool is_text(struct slice text)
{
	return uidl_valid(text) || uidl_next_of(text) > 0;
}

int uidl_lines_next(struct uidl_lines *l, struct uidl_line *ret)
{
	int r = fill(l);
	struct slice line = { l->block, l->block_n };
	size_t lf;

	if (r < 0)
		return r;
	line = slice_upto(slice_from(line, l->at - l->from), UIDL_LINE);
	lf = slice_find(line, '\n');
	if (lf == line.n)
		return 0;
	ret->at = l->at;
	ret->all = slice_upto(line, lf + 1);
	line = slice_upto(line, lf);
	ret->text = slice_from(line, UIDL_DIGEST + 1);
	if (!parse_digest(slice_upto(line, UIDL_DIGEST), &ret->tag) ||
	    line.n < UIDL_DIGEST + 2 || line.p[UIDL_DIGEST] != ' ' ||
	    !is_text(ret->text))
		return 0;
	l->at += lf + 1;
	return 1;
}

uint32_t uidl_next_of(struct slice text)
{
	uint64_t n;

	/* the blank tells it from a unique-id */
	if (!slice_starts(text, SLICE("# ")) ||
	    slice_number(slice_from(text, 2), 1, UINT32_MAX, &n) < 0)
		return 0;
	return (uint32_t)n;
}

uint32_t uidl_number_of(const struct index_entry *e, struct slice uid)
{
	char digest[UIDL_DIGEST + 1];
	uint64_t n;

	uidl_digest(e, digest);
	if (!slice_starts(uid, slice_of(digest)))
		return 0;
	uid = slice_from(uid, UIDL_DIGEST);
	if (uid.n == 0)
		return 1;
	if (uid.p[0] != '.' ||
	    slice_number(slice_from(uid, 1), 1, UINT32_MAX - 1, &n) < 0)
		return 0;
	return (uint32_t)n;
}
