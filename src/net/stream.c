/* SPDX-License-Identifier: ISC */
/* See stream.h: the buffers and the one place where output is flushed. What
 * lies behind is in stream_fd.c and stream_memory.c. */
#include "net/stream.h"

#include <stdarg.h>

#include "base/clock.h"

struct stream {
	const struct stream_ops *ops;
	void *context;
	int error; /* first one that output met */
	int64_t idle_ms;
	int64_t until_ms; /* of the monotonic clock; 0: unbounded */
	size_t in_from, in_to;
	size_t out_n;
	char in[STREAM_IN_BYTES];
	char out[STREAM_OUT_BYTES];
};

struct stream *stream_new(const struct stream_ops *ops, void *context)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s) {
		s->ops = ops;
		s->context = context;
	}
	return s;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	if (s->ops->done)
		s->ops->done(s->context);
	/* passwords came through here */
	explicit_bzero(s->in, sizeof(s->in));
	free(s);
}

void stream_deadline(struct stream *s, int64_t idle_ms, int64_t whole_ms)
{
	s->idle_ms = idle_ms;
	s->until_ms = whole_ms > 0 ? clock_mono_ms() + whole_ms : 0;
}

/* What is left for one wait: -1 for ever, 0 nothing. */
static int64_t wait_ms(const struct stream *s)
{
	int64_t left = s->idle_ms > 0 ? s->idle_ms : -1;
	int64_t whole;

	if (s->until_ms == 0)
		return left;
	whole = s->until_ms - clock_mono_ms();
	if (whole < 0)
		whole = 0;
	return left < 0 || whole < left ? whole : left;
}

struct slice stream_peek(const struct stream *s)
{
	return (struct slice){ s->in + s->in_from, s->in_to - s->in_from };
}

void stream_consume(struct stream *s, size_t n)
{
	s->in_from += n < s->in_to - s->in_from ? n : s->in_to - s->in_from;
	if (s->in_from == s->in_to)
		s->in_from = s->in_to = 0;
}

void stream_forget_input(struct stream *s)
{
	s->in_from = s->in_to = 0;
}

static void make_room(struct stream *s)
{
	if (s->in_to < sizeof(s->in) || s->in_from == 0)
		return;
	memmove(s->in, s->in + s->in_from, s->in_to - s->in_from);
	s->in_to -= s->in_from;
	s->in_from = 0;
}

ssize_t stream_fill(struct stream *s)
{
	ssize_t n;

	make_room(s);
	if (s->in_to == sizeof(s->in))
		return -ENOBUFS;
	/* the single flush point: replies leave when we would wait */
	if (s->out_n > 0 && !s->ops->ready(s->context))
		ignore(stream_flush(s)); /* the error is kept */
	if (s->error < 0)
		return s->error;
	/* who always has more to send must not outlast the deadline either */
	if (wait_ms(s) == 0)
		return -ETIMEDOUT;
	n = s->ops->read(s->context, s->in + s->in_to, sizeof(s->in) - s->in_to,
			 wait_ms(s));
	if (n > 0)
		s->in_to += (size_t)n;
	return n;
}

bool stream_has_input(struct stream *s)
{
	return s->in_to > s->in_from || s->ops->ready(s->context);
}

static void write_out(struct stream *s, struct slice bytes)
{
	while (bytes.n > 0 && s->error == 0) {
		ssize_t n =
			s->ops->write(s->context, bytes.p, bytes.n, wait_ms(s));

		if (n < 0)
			s->error = (int)n;
		else
			bytes = slice_from(bytes, (size_t)n);
	}
}

int stream_flush(struct stream *s)
{
	write_out(s, (struct slice){ s->out, s->out_n });
	s->out_n = 0;
	return s->error;
}

void stream_put(struct stream *s, struct slice bytes)
{
	while (bytes.n > 0 && s->error == 0) {
		size_t room = sizeof(s->out) - s->out_n;
		size_t n = bytes.n < room ? bytes.n : room;

		memcpy(s->out + s->out_n, bytes.p, n);
		s->out_n += n;
		bytes = slice_from(bytes, n);
		if (s->out_n == sizeof(s->out))
			ignore(stream_flush(s)); /* the error is kept */
	}
}

void stream_printf(struct stream *s, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		s->error = s->error < 0 ? s->error : -ENOMEM;
		return;
	}
	stream_put(s, (struct slice){ text, (size_t)n });
	free(text);
}
