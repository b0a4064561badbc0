/* SPDX-License-Identifier: ISC */
/* See envelope.h. */
#include "mail/envelope.h"

/* Room grows at powers of two, so that n_to alone tells how much there is. */
struct recipient *envelope_add(struct envelope *env, struct arena *arena)
{
	size_t n = env->n_to;
	struct recipient *to = env->to;

	if ((n & (n - 1)) == 0) {
		to = arena_alloc(arena, (n > 0 ? 2 * n : 1) * sizeof(*to));
		if (!to)
			return NULL;
		if (n > 0)
			memcpy(to, env->to, n * sizeof(*to));
		env->to = to;
	}
	env->to[n] = (struct recipient){ 0 };
	env->n_to = n + 1;
	return &env->to[n];
}

size_t envelope_pending(const struct envelope *env)
{
	size_t n = 0;

	for (size_t i = 0; i < env->n_to; i++)
		n += env->to[i].state == RECIPIENT_PENDING;
	return n;
}
