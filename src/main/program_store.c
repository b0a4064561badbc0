/* SPDX-License-Identifier: ISC */
/* program_open_store of program.h, apart: not every program has a store. */
#include "main/program.h"

#include "store/store.h"

int program_open_store(const struct settings *s, struct store **ret)
{
	const struct store_options options = {
		.lock_wait_ms = s->store.lock_wait_s * 1000,
		.dotlock = s->store.dotlock,
	};

	return store_open(s->store.directory.p, &options, ret);
}
