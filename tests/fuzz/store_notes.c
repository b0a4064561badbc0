/* SPDX-License-Identifier: ISC */
/* The records in .postern: what is understood is written back the same. */
#include <assert.h>

#include "store/append.h"
#include "store/expunge.h"
#include "store/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct slice record)
{
	char back[APPEND_RECORD];
	struct append_note n, n2;
	struct expunge e, e2;

	if (append_parse(record, &n) == 0) {
		append_format(&n, back);
		assert(append_parse((struct slice){ back, sizeof(back) },
				    &n2) == 0);
		assert(n2.length == n.length && n2.pad <= 2);
	}
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
	char sealed[APPEND_RECORD];

	judge(text);
	/* and past the checksum, which no fuzzer guesses */
	if (size < APPEND_RECORD - 20) {
		record_seal(text, sealed, sizeof(sealed));
		judge((struct slice){ sealed, sizeof(sealed) });
	}
	return 0;
}
