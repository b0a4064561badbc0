/* SPDX-License-Identifier: ISC */
/* Users, aliases and routes files: what a walk shows, a look-up finds. */
#include <assert.h>

#include "conf/map.h"

#define FUZZ_ARENA (4U << 20)

struct walk {
	struct map *map;
	struct arena *arena;
	unsigned entries;
};

static int each(void *context, unsigned line, struct slice key,
		struct slice value)
{
	struct walk *w = context;
	struct slice found;
	size_t start, end;
	unsigned at;

	/* a look-up reads from the start: enough for a file of a few lines */
	if (!value.p || w->entries++ > 50)
		return 0;
	arena_reset(w->arena);
	assert(map_find(w->map, key, w->arena, NULL, &at) == 1);
	assert(at <= line);
	if (at == line) {
		assert(map_find(w->map, key, w->arena, &found, NULL) == 1);
		assert(slice_eq(found, value));
	}
	assert(map_span(w->map, key, &start, &end));
	assert(start < end && end <= map_text(w->map).n);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice text = { (const char *)data, size };
	struct walk w = { .arena = arena_new(FUZZ_ARENA) };

	assert(map_of_text(text, ':', &w.map) == 0);
	assert(map_walk(w.map, each, &w) == 0);
	map_close(w.map);
	arena_free(w.arena);
	return 0;
}
