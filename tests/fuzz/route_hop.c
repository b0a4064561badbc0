/* SPDX-License-Identifier: ISC */
/* A route's value: what is taken has a host of known shape. */
#include <assert.h>

#include "route/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = { (const char *)data, size };
	struct hop hop;

	if (!hop_parse(value, &hop))
		return 0;
	assert(!hop.fixed || hop.host.n > 0);
	assert(hop.host.n <= 253);
	assert(slice_find(hop.host, '\0') == hop.host.n);
	return 0;
}
