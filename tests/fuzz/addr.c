/* SPDX-License-Identifier: ISC */
/* Addresses and paths: whatever is taken can be written and is then taken
 * again as the same mailbox. */
#include <assert.h>

#include "mail/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct arena *arena = arena_new(1 << 20);
	struct addr a, b;

	for (int ascii = 0; ascii < 2; ascii++)
		if (addr_parse(in, true, arena, &a) == ADDR_OK) {
			struct slice text = addr_text(&a, ascii, arena);

			assert(text.p);
			/* A-labels may be too long where U-labels are not */
			if (text.n > ADDR_PATH_MAX - 2)
				continue;
			assert(addr_parse(text, true, arena, &b) == ADDR_OK);
			assert(addr_same(&a, &b));
			assert(slice_find(text, '\n') == text.n);
		}
	arena_free(arena);
	return 0;
}
