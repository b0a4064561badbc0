/* SPDX-License-Identifier: ISC */
/* See retrieve.h. What comes out must be as long as the survey counted: both
 * make CRLF of a LF that has no CR yet, and end a last line that has none. */
#include "store/retrieve.h"

#include "store/extent.h"

struct lines {
	mboxrd_out *out;
	void *context;
	char last; /* byte given in; '\n' at the start */
};

static int to_crlf(void *context, struct slice bytes)
{
	struct lines *l = context;
	int r = 0;

	while (bytes.n > 0 && r == 0) {
		size_t lf = slice_find(bytes, '\n');
		struct slice line = slice_upto(bytes, lf);

		if (line.n > 0) {
			r = l->out(l->context, line);
			l->last = line.p[line.n - 1];
		}
		if (r == 0 && lf < bytes.n) {
			r = l->out(l->context, l->last == '\r' ? SLICE("\n")
							       : SLICE("\r\n"));
			l->last = '\n';
		}
		bytes = slice_from(bytes, lf + 1);
	}
	return r;
}

/* Up to and with the `*left`th LF; counts down. */
static struct slice some_lines(struct slice bytes, size_t *left)
{
	size_t at = 0;

	while (at<bytes.n && * left> 0) {
		at += slice_find(slice_from(bytes, at), '\n') + 1;
		if (at <= bytes.n && *left != SIZE_MAX)
			--*left;
	}
	return slice_upto(bytes, at);
}

/* from..to of the file, at most so many lines. */
static int give_out(int fd, uint64_t from, uint64_t to, size_t lines,
		    struct mboxrd *unquote)
{
	char *block = malloc(EXTENT_BLOCK);
	int r = block ? 0 : -ENOMEM;

	while (from < to && lines > 0 && r == 0) {
		size_t want = to - from < EXTENT_BLOCK ? (size_t)(to - from)
						       : EXTENT_BLOCK;
		ssize_t got = file_read_at(fd, block, want, from);
		struct slice piece = { block, want };

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -ESTALE;
		else
			r = mboxrd_unquote(unquote, some_lines(piece, &lines));
		from += want;
	}
	free(block);
	return r;
}

/* Does it still begin where it did, and the next one too? */
static int check_place(int fd, const struct index_entry *m)
{
	char mark[6] = { '\n' };
	size_t back = m->from > 0 ? 1 : 0;
	ssize_t got =
		file_read_at(fd, mark + 1 - back, 5 + back, m->from - back);
	uint64_t size;
	int r = extent_size(fd, &size);

	if (r < 0 || got < 0)
		return r < 0 ? r : (int)got;
	if (size < m->next || memcmp(mark, "\nFrom ", sizeof(mark)) != 0)
		return -ESTALE;
	if (m->next == size)
		return 0;
	got = file_read_at(fd, mark + 1, 1, m->next);
	/* LFs: somebody else's padding before what he appended */
	return got == 1 && (mark[1] == 'F' || mark[1] == '\n') ? 0 : -ESTALE;
}

int retrieve(int fd, const struct index_entry *m, size_t body_lines,
	     mboxrd_out *out, void *context)
{
	struct lines l = { .out = out, .context = context, .last = '\n' };
	struct mboxrd unquote;
	int r = check_place(fd, m);

	mboxrd_start(&unquote, to_crlf, &l);
	if (r == 0)
		r = give_out(fd, m->start, m->body, SIZE_MAX, &unquote);
	if (r == 0)
		r = give_out(fd, m->body, m->end, body_lines, &unquote);
	if (r == 0)
		r = mboxrd_unquote_end(&unquote);
	if (r == 0 && l.last != '\n')
		r = out(context, SLICE("\r\n"));
	return r;
}
