/* SPDX-License-Identifier: ISC */
/* See record.h. */
#include "store/record.h"

#include <assert.h>

#include "base/digest.h"

#define SUM_HEX 16

static void sum_of(struct slice text, char ret[SUM_HEX + 1])
{
	struct digest d;

	digest_start(&d);
	digest_add(&d, text);
	digest_hex(&d, ret, SUM_HEX / 2);
}

void record_seal(struct slice text, char *ret, size_t width)
{
	char sum[SUM_HEX + 1];

	assert(text.n + SUM_HEX + 2 <= width);
	sum_of(text, sum);
	memset(ret, ' ', width);
	memcpy(ret, text.p, text.n);
	memcpy(ret + text.n + 1, sum, SUM_HEX);
	ret[width - 1] = '\n';
}

int record_open(struct slice record, struct slice *ret_text)
{
	char sum[SUM_HEX + 1];
	struct slice text, found;
	size_t blank;

	if (record.n == 0 || record.p[record.n - 1] != '\n')
		return -EBADMSG;
	text = slice_trim(slice_upto(record, record.n - 1));
	blank = slice_find_last(text, ' ');
	found = slice_from(text, blank + 1);
	text = slice_upto(text, blank);
	if (found.n != SUM_HEX || text.p != record.p)
		return -EBADMSG;
	sum_of(text, sum);
	if (!slice_eq(found, slice_of(sum)))
		return -EBADMSG;
	*ret_text = text;
	return 0;
}

bool record_number(struct slice *text, uint64_t *ret)
{
	/* file offsets: signed 64 bits, and room to add two of them */
	return slice_number(slice_word(text), 0, INT64_MAX / 4, ret) == 0;
}

bool record_word(struct slice *text, char *ret, size_t room)
{
	struct slice word = slice_word(text);

	if (word.n == 0 || word.n >= room || memchr(word.p, '\0', word.n))
		return false;
	memcpy(ret, word.p, word.n);
	ret[word.n] = '\0';
	return true;
}
