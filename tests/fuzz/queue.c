/* SPDX-License-Identifier: ISC */
/* Queue files: whatever is understood comes back the same when written and
 * read again. */
#include <assert.h>
#include <stdint.h>

#include "queue/format.h"

static void same(struct slice a, struct slice b)
{
	assert(slice_eq(a, b));
}

static void again(struct envelope *env)
{
	struct arena *arena = arena_new(64U << 20);
	struct buf b = BUF(QUEUE_HEAD_MAX);
	struct envelope back;
	size_t length;

	assert(arena && queue_format(&b, env) == 0);
	assert(queue_parse(buf_slice(&b), arena, &back, &length) == 0);
	assert(length == b.n && back.n_to == env->n_to);
	same(env->id, back.id);
	same(env->from, back.from);
	same(env->envid, back.envid);
	same(env->peer, back.peer);
	same(env->login, back.login);
	for (size_t i = 0; i < env->n_to; i++) {
		same(env->to[i].address, back.to[i].address);
		same(env->to[i].orcpt, back.to[i].orcpt);
		same(env->to[i].original, back.to[i].original);
		assert(env->to[i].state == back.to[i].state);
		assert(env->to[i].notify == back.to[i].notify);
		assert(env->to[i].attempts == back.to[i].attempts);
	}
	buf_done(&b);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct arena *arena = arena_new(64U << 20);
	struct envelope env;
	struct recipient r = { 0 };
	size_t length;

	assert(arena);
	if (queue_parse(text, arena, &env, &length) == 0) {
		assert(length <= size);
		if (env.id.n > 0)
			again(&env);
	}
	if (queue_state_parse(slice_upto(text, QUEUE_STATE_BYTES), arena, &r) ==
	    0)
		assert(r.state <= RECIPIENT_EXPANDED);
	arena_free(arena);
	return 0;
}
