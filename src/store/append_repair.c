/* SPDX-License-Identifier: ISC */
/* See append.h: what to do with an append that began and was not finished.
 *
 * Its process died, on this boot of this host: then what it wrote is there.
 * An unnamed append was never acknowledged (its note is erased first) and is
 * taken out again; a named one that is whole is made durable and noted as
 * done. Bytes that another program appended behind ours stay.
 *
 * The host went down, or it was another host: the note may be older than it
 * says (nobody waits for the disk to have it), so nothing is ever cut then. */
#include "store/append.h"

#include "mail/mboxrd.h"
#include "store/expunge.h"
#include "store/extent.h"

#define WINDOW  65536
#define OVERLAP 2048 /* more than any From_ line */

/* Does a line of ours stand here, ^>+From ? A '>' in the middle of a line may
 * be the end of a torn one ("Return-Path: <a>"). */
static bool is_quoted(const char *start, const char *at)
{
	const char *mark = at;

	while (mark > start && mark[-1] == '>')
		mark--;
	return mark < at && (mark == start || mark[-1] == '\n');
}

/* Where in `bytes` does a From_ line begin? It may stand in the middle of a
 * line: behind a torn one of ours. */
static bool find_in(struct slice bytes, size_t *ret)
{
	const char *end = bytes.p + bytes.n, *at = bytes.p;

	while ((at = memmem(at, (size_t)(end - at), "From ", 5)) != NULL) {
		struct slice rest = { at, (size_t)(end - at) };

		if (!is_quoted(bytes.p, at) &&
		    mboxrd_is_from(slice_upto(rest, slice_find(rest, '\n')))) {
			*ret = (size_t)(at - bytes.p);
			return true;
		}
		at++;
	}
	return false;
}

/* The first From_ line at or behind `at`, or `size`. */
static int find_from(int fd, uint64_t at, uint64_t size, uint64_t *ret)
{
	char *window = malloc(WINDOW);
	int r = window ? 0 : -ENOMEM;
	size_t found;

	for (; r == 0 && at < size; at += WINDOW - OVERLAP) {
		ssize_t n = file_read_at(fd, window, WINDOW, at);

		if (n < 0)
			r = (int)n;
		else if (find_in((struct slice){ window, (size_t)n }, &found)) {
			at += found;
			break;
		}
	}
	free(window);
	if (r == 0)
		*ret = at < size ? at : size;
	return r;
}

/* How much of what stands at old_size is surely ours: the LFs and the From_
 * line, as far as the file goes. 0: something else stands there. */
static int ours_at(int fd, const struct append_note *n, uint64_t size,
		   uint64_t *ret)
{
	char want[2 + APPEND_FROM_MAX + 1], found[sizeof(want)];
	int len = snprintf(want, sizeof(want), "%.*s%s", (int)n->pad, "\n\n",
			   n->from);
	ssize_t got = file_read_at(fd, found, (size_t)len, n->old_size);
	size_t same = 0;

	if (got < 0)
		return (int)got;
	while (same < (size_t)got && found[same] == want[same])
		same++;
	*ret = same == (size_t)len || n->old_size + same == size ? same : 0;
	return 0;
}

/* Take out our unfinished part; leave what others put behind it. */
static int cut(const struct place *p, int fd, const struct append_note *n)
{
	struct range ours = { .from = n->old_size };
	uint64_t size, same = 0;
	int r = extent_size(fd, &size);

	if (r == 0 && size <= n->old_size)
		return 0;
	if (r == 0)
		r = ours_at(fd, n, size, &same);
	if (r == 0)
		r = find_from(fd, n->old_size + same, size, &ours.to);
	if (r < 0)
		return r;
	if (ours.to == ours.from || (same == 0 && ours.to == size))
		return 0; /* nothing of ours is there */
	return expunge_ranges(p, fd, &ours, 1);
}

static bool is_whole(int fd, const struct append_note *n)
{
	return extent_is(fd, n->old_size, n->length, n->digest);
}

static int settle(const struct place *p, int fd, int notes, uint64_t at,
		  struct append_note *n, const char *boot)
{
	bool same_boot = strcmp(n->boot, boot) == 0;
	bool named = n->once[1] != '\0';
	int r = 0;

	if (named && is_whole(fd, n)) {
		r = file_sync(fd);
		return r == 0 ? append_done(notes, at, n) : r;
	}
	if (same_boot)
		r = cut(p, fd, n);
	return r == 0 ? append_erase(notes, at) : r;
}

int append_repair(const struct place *p, int fd, const char *boot)
{
	int notes CLEANUP(file_close) = append_notes(p, false);
	char record[APPEND_RECORD];
	struct append_note n;
	ssize_t got = 0;
	int r = 0;

	if (notes < 0)
		return notes == -ENOENT ? 0 : notes;
	for (uint64_t at = 0; r == 0; at += APPEND_RECORD) {
		got = file_read_at(notes, record, APPEND_RECORD, at);
		if (got < APPEND_RECORD)
			break;
		if (append_parse((struct slice){ record, APPEND_RECORD }, &n) ==
			    0 &&
		    n.state == APPEND_BEGUN)
			r = settle(p, fd, notes, at, &n, boot);
	}
	return r == 0 && got < 0 ? (int)got : r;
}
