/* SPDX-License-Identifier: ISC */
/* See expunge.h: the journal's header as text. */
#include "store/expunge.h"

#include "store/record.h"

#define MAGIC "postern-expunge-2"

void expunge_format(const struct expunge *e, char ret[EXPUNGE_HEADER])
{
	char text[EXPUNGE_HEADER];
	int n = snprintf(
		text, sizeof(text), MAGIC " %llu %llu %llu %llu %s %s",
		(unsigned long long)e->inode, (unsigned long long)e->start,
		(unsigned long long)e->length, (unsigned long long)e->old_size,
		e->uidl ? "uidl" : "-", e->rest);

	record_seal((struct slice){ text, (size_t)n }, ret, EXPUNGE_HEADER);
}

/* An inode may have any 64 bits. */
static bool parse_inode(struct slice *text, uint64_t *ret)
{
	return slice_number(slice_word(text), 0, UINT64_MAX, ret) == 0;
}

int expunge_parse(struct slice header, struct expunge *ret)
{
	struct expunge e;
	struct slice text;
	char uidl[8];

	if (header.n != EXPUNGE_HEADER || record_open(header, &text) < 0)
		return -EBADMSG;
	if (!slice_eq(slice_word(&text), SLICE(MAGIC)) ||
	    !parse_inode(&text, &e.inode) || !record_number(&text, &e.start) ||
	    !record_number(&text, &e.length) ||
	    !record_number(&text, &e.old_size) ||
	    !record_word(&text, uidl, sizeof(uidl)) ||
	    !record_word(&text, e.rest, sizeof(e.rest)) ||
	    e.start + e.length > e.old_size)
		return -EBADMSG;
	e.uidl = strcmp(uidl, "uidl") == 0;
	*ret = e;
	return 0;
}
