/* SPDX-License-Identifier: ISC */
/* The records in .postern: what is understood is written back the same. */
#include <assert.h>

#include "store/expunge.h"
#include "store/notes.h"
#include "store/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct slice record)
{
	char back[NOTES_RECORD];
	struct expunge e, e2;
	struct mark m;
	struct note n;

	if (notes_parse_once(record, &n) == 0)
		assert(notes_once_valid(slice_of(n.once)));
	if (notes_parse_mark(record, &m) == 0)
		assert(memchr(m.boot, '\0', sizeof(m.boot)));
	if (expunge_parse(record, &e) == 0) {
		expunge_format(&e, back);
		assert(expunge_parse((struct slice){ back, sizeof(back) },
				     &e2) == 0);
		assert(e2.start == e.start && e2.length == e.length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	char sealed[NOTES_RECORD];

	judge(text);
	/* and past the checksum, which no fuzzer guesses */
	if (size < NOTES_RECORD - 20) {
		record_seal(text, sealed, sizeof(sealed));
		judge((struct slice){ sealed, sizeof(sealed) });
	}
	return 0;
}
