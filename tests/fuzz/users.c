/* SPDX-License-Identifier: ISC */
/* One line of the users file: no mailbox may leave the mail directory, and
 * limits that are written back mean what they meant. */
#include <assert.h>

#include "conf/quota.h"
#include "conf/users.h"

#define FUZZ_ARENA (1U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_options(struct slice options)
{
	static const struct quota nothing = { 7, 9 };
	struct domain_quota given = quota_given(options);
	struct quota q = nothing, again = nothing;
	struct buf b = BUF(1 << 20);
	struct slice bad = SLICE_NONE;
	int r = quota_read_options(options, &q, &bad);

	assert(r == 0 || (bad.n > 0 && bad.p >= options.p &&
			  bad.p + bad.n <= options.p + options.n));
	assert(q.octets <= QUOTA_OCTETS_MAX);
	assert(q.messages <= QUOTA_MESSAGES_MAX);
	assert(quota_write_options(&b, options, &given) == 0);
	assert(quota_read_options(buf_slice(&b), &again, &bad) == 0);
	assert(again.octets == q.octets && again.messages == q.messages);
	buf_done(&b);
}

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
		check_options(u.options);
	}
	arena_free(arena);
	return 0;
}
