/* SPDX-License-Identifier: ISC */
/* One line of the users file: no mailbox may leave the mail directory. */
#include <assert.h>

#include "conf/users.h"

#define FUZZ_ARENA (1U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice line = { (const char *)data, size };
	struct arena *arena = arena_new(FUZZ_ARENA);
	const char *why = NULL;
	struct user u;
	size_t at = slice_find(line, ':');

	if (user_parse(slice_upto(line, at), slice_from(line, at + 1), arena,
		       &u, &why) < 0) {
		assert(why);
	} else {
		assert(user_name_valid(u.name));
		assert(user_mailbox_valid(u.mailbox));
		assert(strlen(u.mailbox.p) == u.mailbox.n);
		assert(strlen(u.hash.p) == u.hash.n);
		assert(u.mailbox.p[0] != '/' && !strstr(u.mailbox.p, "/."));
	}
	arena_free(arena);
	return 0;
}
