/* SPDX-License-Identifier: ISC */
/* Logins and a handshake for the engines' targets, decided by what the input
 * says, and what the engines owe them. */
#pragma once

#include <assert.h>

#include "auth/steps.h"
#include "net/stream.h"
#include "net/tls.h"

struct security {
	struct slice inside; /* what is said within TLS */
	struct stream_below below;
	bool layered;
	bool under_way; /* MORE was the last answer */
};

static enum auth_step fuzz_step(struct security *s, struct slice response,
				struct slice *ret)
{
	s->under_way = false;
	*ret = SLICE("alice");
	switch (response.n % 8) {
	case 0:
		s->under_way = true;
		*ret = SLICE("Y2hhbGxlbmdl");
		return AUTH_STEP_MORE;
	case 1:
		return AUTH_STEP_YES;
	case 2:
		return AUTH_STEP_NO;
	case 3:
		return AUTH_STEP_AGAIN;
	case 4:
		return AUTH_STEP_WAIT;
	case 5:
		return AUTH_STEP_MALFORMED;
	case 6:
		return AUTH_STEP_NO_MECHANISM;
	default:
		return AUTH_STEP_NEED_TLS;
	}
}

static const char *fuzz_mechanisms(void *context)
{
	(void)context;
	return "PLAIN SCRAM-SHA-256";
}

static enum auth_step fuzz_begin(void *context, struct slice mechanism,
				 struct slice initial, struct slice *ret)
{
	struct security *s = context;

	assert(!s->under_way && mechanism.n > 0);
	assert(!initial.p || initial.n > 0);
	return fuzz_step(s, initial, ret);
}

static enum auth_step fuzz_next(void *context, struct slice response,
				struct slice *ret)
{
	struct security *s = context;

	assert(s->under_way && response.n < AUTH_LINE_MAX);
	return fuzz_step(s, response, ret);
}

static void fuzz_cancel(void *context)
{
	struct security *s = context;

	assert(s->under_way);
	s->under_way = false;
}

static enum auth_step fuzz_password(void *context, struct slice name,
				    struct slice word, struct slice *ret)
{
	assert(name.n > 0);
	(void)context;
	*ret = name;
	return slice_starts(word, SLICE("no")) ? AUTH_STEP_NO : AUTH_STEP_YES;
}

static void fuzz_expect(void *context)
{
	const struct security *s = context;

	assert(!s->under_way);
}

static struct auth_hooks fuzz_auth(struct security *s)
{
	return (struct auth_hooks){ .context = s,
				    .mechanisms = fuzz_mechanisms,
				    .begin = fuzz_begin,
				    .next = fuzz_next,
				    .cancel = fuzz_cancel,
				    .password = fuzz_password,
				    .expect = fuzz_expect };
}

static ssize_t fuzz_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct security *s = context;

	(void)wait_ms;
	if (n > s->inside.n)
		n = s->inside.n;
	if (n > 0)
		memcpy(p, s->inside.p, n);
	s->inside = slice_from(s->inside, n);
	return (ssize_t)n;
}

static ssize_t fuzz_write(void *context, const void *p, size_t n,
			  int64_t wait_ms)
{
	struct security *s = context;

	return s->below.ops->write(s->below.context, p, n, wait_ms);
}

static bool fuzz_ready(void *context)
{
	return ((struct security *)context)->inside.n > 0;
}

static void fuzz_done(void *context)
{
	stream_below_done(&((struct security *)context)->below);
}

static int fuzz_handshake(void *context, struct stream *stream,
			  struct tls_info *ret)
{
	static const struct stream_ops ops = { .read = fuzz_read,
					       .write = fuzz_write,
					       .ready = fuzz_ready,
					       .done = fuzz_done };
	struct security *s = context;

	assert(!s->layered && !s->under_way);
	assert(stream_peek(stream).n == 0);
	*ret = (struct tls_info){ .version = "TLS1.3", .cipher = "NONE" };
	if (s->inside.n % 9 == 1)
		return -EPROTO;
	s->layered = true;
	return stream_push(stream, &ops, s, &s->below);
}
