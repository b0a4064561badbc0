/* SPDX-License-Identifier: ISC */
/* The targets of an alias: every one lies inside the value. */
#include <assert.h>

#include "route/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice value = { (const char *)data, size };
	struct slice rest = value;
	struct target t;
	size_t n = 0;

	while (target_next(&rest, &t)) {
		assert(t.text.p >= value.p);
		assert(t.text.p + t.text.n <= value.p + value.n);
		assert(++n <= size);
	}
	return 0;
}
