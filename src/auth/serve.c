/* SPDX-License-Identifier: ISC */
/* See serve.h. */
#include "auth/serve.h"

#include "auth/answer.h"
#include "net/line.h"

#define ARENA_MAX (1U << 17)

static int answer(struct stream *s, struct judge *j,
		  const struct wire_request *q)
{
	struct slice text = SLICE("");
	enum auth_step step;

	switch (q->verb) {
	case WIRE_HELLO:
		if (judge_scene(j, &q->scene) < 0)
			return -ENOMEM;
		answer_mechanisms(s, judge_mechanisms(j));
		return 0;
	case WIRE_CANCEL:
		judge_cancel(j);
		answer_mechanisms(s, judge_mechanisms(j));
		return 0;
	case WIRE_BEGIN:
		step = judge_begin(j, q->mechanism, q->text, &text);
		break;
	case WIRE_NEXT:
		step = judge_next(j, q->text, &text);
		break;
	default:
		step = judge_password(j, q->name, q->password);
		break;
	}
	return answer_step(s, step, text, judge_user(j));
}

static int read_line(struct stream *s, struct slice *ret)
{
	switch (line_read(s, AUTH_WIRE_MAX, true, ret)) {
	case LINE_OK:
		return 1;
	case LINE_EOF:
		return 0;
	case LINE_TIMEOUT:
		return -ETIMEDOUT;
	case LINE_CANCELLED:
	case LINE_ERROR:
		return -EIO;
	default:
		return -EPROTO;
	}
}

static int serve(struct stream *s, struct judge *j, struct arena *arena)
{
	struct wire_request q;
	struct slice line;
	int r;

	while ((r = read_line(s, &line)) > 0) {
		r = wire_request(line, arena, &q);
		if (r == 0)
			r = answer(s, j, &q);
		if (r < 0)
			return r == -EINVAL ? -EPROTO : r;
		if (q.verb == WIRE_PASSWORD && q.password.n > 0)
			explicit_bzero((char *)q.password.p, q.password.n);
		arena_reset(arena);
	}
	return r;
}

int auth_serve(struct stream *s, const struct settings *settings)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct judge *j = judge_new(settings);
	int r = -ENOMEM, flushed;

	stream_deadline(s, AUTH_SERVE_IDLE_MS, AUTH_SERVE_WHOLE_MS);
	if (arena && j)
		r = serve(s, j, arena);
	flushed = stream_flush(s);
	judge_free(j);
	arena_free(arena);
	return r < 0 ? r : flushed;
}
