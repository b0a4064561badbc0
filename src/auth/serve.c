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

static int hear(struct stream *s, struct slice line, struct judge *j,
		struct arena *arena)
{
	struct wire_request q;
	int r = wire_request(line, arena, &q);

	if (r == 0) {
		r = answer(s, j, &q);
		if (q.verb == WIRE_PASSWORD && q.password.n > 0)
			explicit_bzero((char *)q.password.p, q.password.n);
	}
	arena_reset(arena);
	return r == -EINVAL ? -EPROTO : r;
}

/* A session may have us started and never ask (link_start): until then no file
 * is opened or made. */
static int serve(struct stream *s, const struct settings *settings,
		 struct arena *arena)
{
	struct judge *j = NULL;
	struct slice line;
	int r = read_line(s, &line);

	if (r > 0) {
		j = judge_new(settings);
		r = j ? r : -ENOMEM;
	}
	while (r > 0) {
		r = hear(s, line, j, arena);
		if (r == 0)
			r = read_line(s, &line);
	}
	judge_free(j);
	return r;
}

int auth_serve(struct stream *s, const struct settings *settings)
{
	struct arena *arena = arena_new(ARENA_MAX);
	int r = -ENOMEM, flushed;

	stream_deadline(s, AUTH_SERVE_IDLE_MS, AUTH_SERVE_WHOLE_MS);
	if (arena)
		r = serve(s, settings, arena);
	flushed = stream_flush(s);
	arena_free(arena);
	return r < 0 ? r : flushed;
}
