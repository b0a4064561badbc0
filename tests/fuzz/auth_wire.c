/* SPDX-License-Identifier: ISC */
/* Lines between handlers and postern-authd, from either side. */
#include <assert.h>

#include "auth/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice line = { (const char *)data, size }, text;
	struct arena *arena = arena_new(1 << 20);
	struct buf b = BUF(1 << 20);
	struct wire_request q, again;
	enum auth_step step;
	struct user user;

	if (wire_request(line, arena, &q) == 0) {
		assert(wire_put_request(&b, &q) == 0);
		assert(b.n > 0 && b.p[b.n - 1] == '\n');
		if (b.n < AUTH_WIRE_MAX)
			assert(wire_request(slice_upto(buf_slice(&b), b.n - 1),
					    arena, &again) == 0);
	}
	if (wire_step(line, arena, &step, &text, &user) == 0 &&
	    step == AUTH_STEP_YES)
		assert(user.name.n > 0 && user_mailbox_valid(user.mailbox));
	buf_done(&b);
	arena_free(arena);
	return 0;
}
