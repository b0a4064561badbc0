/* SPDX-License-Identifier: ISC */
/* See append.h: the notes as text, and where they lie. A note of one record
 * is written before the first byte of data and is not waited for: it is for a
 * process that dies, which loses nothing it has written. */
#include "store/append.h"

#include <assert.h>

#include "store/record.h"

#define MAGIC      "postern-append-1"
#define NOTES_MOST 4096 /* named deliveries waiting to be forgotten */

static const char *const states[] = {
	[APPEND_BEGUN] = "begun",
	[APPEND_DONE] = "done",
};

void append_format(const struct append_note *n, char ret[APPEND_RECORD])
{
	char text[APPEND_RECORD];
	int len = snprintf(
		text, sizeof(text), MAGIC " %s %llu %llu %llu %s %s %s %s",
		states[n->state], (unsigned long long)n->old_size,
		(unsigned long long)n->pad, (unsigned long long)n->length,
		n->digest, n->boot, n->once, n->from);

	record_seal((struct slice){ text, (size_t)len }, ret, APPEND_RECORD);
}

static bool parse_state(struct slice *text, enum append_state *ret)
{
	struct slice word = slice_word(text);

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (!slice_eq(word, slice_of(states[i])))
			continue;
		*ret = (enum append_state)i;
		return true;
	}
	return false;
}

int append_parse(struct slice record, struct append_note *ret)
{
	struct append_note n;
	struct slice text;

	if (record.n != APPEND_RECORD || record_open(record, &text) < 0)
		return -EBADMSG;
	if (!slice_eq(slice_word(&text), SLICE(MAGIC)) ||
	    !parse_state(&text, &n.state) ||
	    !record_number(&text, &n.old_size) ||
	    !record_number(&text, &n.pad) || !record_number(&text, &n.length) ||
	    !record_word(&text, n.digest, sizeof(n.digest)) ||
	    !record_word(&text, n.boot, sizeof(n.boot)) ||
	    !record_word(&text, n.once, sizeof(n.once)))
		return -EBADMSG;
	text = slice_trim(text);
	if (n.pad > 2 || n.pad > n.length || n.once[0] != '=' ||
	    text.n > APPEND_FROM_MAX || memchr(text.p, 0, text.n) ||
	    !slice_starts(text, SLICE("From ")))
		return -EBADMSG;
	memcpy(n.from, text.p, text.n);
	n.from[text.n] = '\0';
	*ret = n;
	return 0;
}

bool append_once_valid(struct slice once)
{
	for (size_t i = 0; i < once.n; i++)
		if (once.p[i] <= ' ' || once.p[i] > '~')
			return false;
	return once.n <= APPEND_ONCE_MAX;
}

int append_notes(const struct place *p, bool make)
{
	return place_open_beside(p, ".append", make);
}

/* 1: a whole record was read; 0: the end. */
static int read_note(int notes, uint64_t at, char record[APPEND_RECORD])
{
	ssize_t n = file_read_at(notes, record, APPEND_RECORD, at);

	return n < 0 ? (int)n : n == APPEND_RECORD;
}

int append_find(int notes, struct slice once, uint64_t *ret_at)
{
	char record[APPEND_RECORD];
	struct append_note n;
	int r;

	for (uint64_t at = 0; (r = read_note(notes, at, record)) > 0;
	     at += APPEND_RECORD) {
		if (append_parse((struct slice){ record, APPEND_RECORD }, &n) <
			    0 ||
		    n.state != APPEND_DONE ||
		    !slice_eq(slice_of(n.once + 1), once))
			continue;
		*ret_at = at;
		return 1;
	}
	return r;
}

static int write_note(int notes, uint64_t at, const struct append_note *n)
{
	char record[APPEND_RECORD];

	append_format(n, record);
	return file_write_at(notes, (struct slice){ record, APPEND_RECORD },
			     at);
}

/* What does not parse is free: erased, or torn before its append began. */
int append_begin(int notes, const struct append_note *n, uint64_t *ret_at)
{
	char record[APPEND_RECORD];
	struct append_note there;
	uint64_t at = 0;
	int r;

	while ((r = read_note(notes, at, record)) > 0 &&
	       append_parse((struct slice){ record, APPEND_RECORD }, &there) ==
		       0)
		at += APPEND_RECORD;
	if (r < 0)
		return r;
	if (at >= (uint64_t)NOTES_MOST * APPEND_RECORD)
		return -ENOSPC;
	r = write_note(notes, at, n);
	if (r == 0)
		*ret_at = at;
	return r;
}

int append_done(int notes, uint64_t at, struct append_note *n)
{
	n->state = APPEND_DONE;
	return write_note(notes, at, n);
}

int append_erase(int notes, uint64_t at)
{
	char record[APPEND_RECORD];

	memset(record, ' ', sizeof(record));
	record[sizeof(record) - 1] = '\n';
	return file_write_at(notes, (struct slice){ record, sizeof(record) },
			     at);
}
