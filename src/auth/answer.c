/* SPDX-License-Identifier: ISC */
/* See answer.h. */
#include "auth/answer.h"

void answer_mechanisms(struct stream *s, const char *mechanisms)
{
	stream_put(s, SLICE("MECHANISMS "));
	stream_put(s, slice_of(mechanisms));
	stream_put(s, SLICE("\n"));
}

int answer_step(struct stream *s, enum auth_step step, struct slice text,
		const struct user *user)
{
	struct buf b = BUF(2 * AUTH_WIRE_MAX);
	int r = wire_put_step(&b, step, text, user);

	if (r == 0)
		stream_put(s, buf_slice(&b));
	buf_done(&b);
	return r;
}
