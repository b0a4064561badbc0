/* SPDX-License-Identifier: ISC */
/* Configuration files, and the values of all settings in them. */
#include <assert.h>

#include "conf/ini.h"
#include "conf/value.h"

#define FUZZ_ARENA (1U << 20)

static void on_entry(void *context, struct ini_place at, struct slice section,
		     struct slice key, struct slice value)
{
	struct arena *arena = context;
	struct buf back = BUF(1U << 20);

	assert(at.line > 0 && !memchr(value.p, '\n', value.n));
	for (size_t i = 0; i < settings_table_n; i++) {
		const struct setting *s = &settings_table[i];
		struct settings once = { 0 }, again = { 0 };

		if (!slice_eq(key, slice_of(s->key)) ||
		    !slice_eq(section, slice_of(s->section)))
			continue;
		arena_reset(arena);
		if (value_parse(s, value, arena, &once) < 0)
			continue;
		/* what was understood is understood again when dumped */
		buf_reset(&back);
		assert(value_format(s, &once, &back) == 0);
		if (s->type != SETTING_DOMAINS && s->type != SETTING_NETWORKS)
			assert(value_parse(s, buf_slice(&back), arena,
					   &again) == 0);
	}
	buf_done(&back);
}

static void on_trouble(void *context, struct ini_place at, const char *what,
		       const char *remedy)
{
	(void)context;
	assert(at.line > 0 && what && remedy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice text = { (const char *)data, size };
	struct arena *arena = arena_new(FUZZ_ARENA);
	int r = ini_read_text("fuzz", text, on_entry, on_trouble, arena);

	assert(r == 0);
	arena_free(arena);
	return 0;
}
