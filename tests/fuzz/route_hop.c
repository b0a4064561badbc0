/* SPDX-License-Identifier: ISC */
/* A route's value: what is taken has a host of known shape, and its one
 * spelling is taken too, and is the same again. */
#include <assert.h>

#include "route/engine.h"

static void spell_twice(const struct hop *h, struct arena *arena)
{
	struct slice once = hop_spell(SLICE("example.net"), h, arena);
	struct hop again;

	assert(once.p && hop_parse(once, &again));
	assert(slice_eq(once, hop_spell(SLICE_NONE, &again, arena)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = { (const char *)data, size };
	struct arena *arena;
	struct hop hop;

	if (!hop_parse(value, &hop))
		return 0;
	arena = arena_new(8192);
	assert(arena);
	spell_twice(&hop, arena);
	arena_free(arena);
	assert(!hop.fixed || hop.host.n > 0);
	assert(hop.host.n <= 253);
	assert(slice_find(hop.host, '\0') == hop.host.n);
	return 0;
}
