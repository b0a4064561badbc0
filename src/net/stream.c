/* SPDX-License-Identifier: ISC */
/* See stream.h: the buffers and the one place where output is flushed. What
 * lies behind is in stream_fd.c and stream_memory.c. */
#include "net/stream.h"

#include <assert.h>
#include <stdarg.h>

#include "base/clock.h"

struct stream {
	const struct stream_ops *ops;
	void *context;
	int error; /* first one that output met */
	int64_t idle_ms;
	int64_t until_ms; /* of the monotonic clock; 0: unbounded */
	size_t in_from, in_to;
	size_t in_most; /* in_to has never been more */
	size_t out_n;
	/* not cleared at birth: a page that nobody writes costs nothing */
	char in[STREAM_IN_BYTES];
	char out[STREAM_OUT_BYTES];
};

struct stream *stream_new(const struct stream_ops *ops, void *context)
{
	struct stream *s = malloc(sizeof(*s));

	if (s) {
		memset(s, 0, offsetof(struct stream, in));
		s->ops = ops;
		s->context = context;
	}
	return s;
}

void stream_below_done(const struct stream_below *b)
{
	if (b->ops->done)
		b->ops->done(b->context);
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	stream_below_done(&(struct stream_below){ s->ops, s->context });
	/* passwords came through here */
	explicit_bzero(s->in, s->in_most);
	free(s);
}

void stream_deadline(struct stream *s, int64_t idle_ms, int64_t whole_ms)
{
	s->idle_ms = idle_ms;
	s->until_ms = whole_ms > 0 ? clock_mono_ms() + whole_ms : 0;
}

int64_t stream_wait_ms(const struct stream *s)
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

int stream_unread(struct stream *s, struct slice bytes)
{
	assert(s->in_to == 0);
	if (bytes.n > sizeof(s->in))
		return -ENOBUFS;
	memcpy(s->in, bytes.p, bytes.n);
	s->in_to = s->in_most = bytes.n;
	return 0;
}

void stream_forget_input(struct stream *s)
{
	explicit_bzero(s->in, s->in_to);
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

/* Read at most `most` bytes behind what is buffered: bytes, 0, or -ETIMEDOUT
 * … */
static ssize_t read_in(struct stream *s, size_t most, int64_t wait)
{
	const size_t room = sizeof(s->in) - s->in_to;
	ssize_t n = s->ops->read(s->context, s->in + s->in_to,
				 most < room ? most : room, wait);

	if (n > 0)
		s->in_to += (size_t)n;
	if (s->in_most < s->in_to)
		s->in_most = s->in_to;
	return n;
}

static ssize_t fill(struct stream *s, size_t most)
{
	ssize_t n;

	make_room(s);
	if (s->in_to == sizeof(s->in))
		return -ENOBUFS;
	if (s->error < 0)
		return s->error;
	/* the single flush point: replies leave when we would wait */
	if (s->out_n > 0) {
		n = stream_wait_ms(s) == 0 ? -ETIMEDOUT : read_in(s, most, 0);
		if (n != -ETIMEDOUT)
			return n;
		if (stream_flush(s) < 0)
			return s->error;
	}
	/* who always has more to send must not outlast the deadline either */
	return stream_wait_ms(s) == 0 ? -ETIMEDOUT
				      : read_in(s, most, stream_wait_ms(s));
}

ssize_t stream_fill(struct stream *s)
{
	return fill(s, sizeof(s->in));
}

ssize_t stream_fill_upto(struct stream *s, size_t n)
{
	return fill(s, n - stream_peek(s).n);
}

bool stream_has_input(struct stream *s)
{
	return s->in_to > s->in_from || s->ops->ready(s->context);
}

static void write_out(struct stream *s, struct slice bytes)
{
	while (bytes.n > 0 && s->error == 0) {
		ssize_t n = s->ops->write(s->context, bytes.p, bytes.n,
					  stream_wait_ms(s));

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

int stream_push(struct stream *s, const struct stream_ops *ops, void *context,
		struct stream_below *ret_below)
{
	int r = stream_flush(s);

	if (r < 0)
		return r;
	stream_forget_input(s);
	*ret_below = (struct stream_below){ s->ops, s->context };
	s->ops = ops;
	s->context = context;
	return 0;
}

void stream_end(struct stream *s)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < s->out_n && s->error == 0 && n >= 0) {
		n = s->ops->write(s->context, s->out + done, s->out_n - done,
				  0);
		if (n >= 0)
			done += (size_t)n;
		else if (n != -ETIMEDOUT)
			s->error = (int)n;
	}
	memmove(s->out, s->out + done, s->out_n - done);
	s->out_n -= done;
	if (s->out_n == 0 && s->error == 0 && s->ops->end)
		s->ops->end(s->context);
}

/* So much at once goes out from where it lies. */
#define LARGE (STREAM_OUT_BYTES / 2)

void stream_put(struct stream *s, struct slice bytes)
{
	if (bytes.n >= LARGE) {
		ignore(stream_flush(s)); /* the error is kept */
		write_out(s, bytes);
		return;
	}
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

void stream_put_number(struct stream *s, uint64_t number)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	stream_put(s, (struct slice){ digits + n, sizeof(digits) - n });
}

/* A text too long for the stack. */
PRINTF_LIKE(2, 0)
static void print_long(struct stream *s, const char *format, va_list args)
{
	char *text = NULL;
	int n = vasprintf(&text, format, args);

	if (n < 0) {
		s->error = s->error < 0 ? s->error : -ENOMEM;
		return;
	}
	stream_put(s, (struct slice){ text, (size_t)n });
	free(text);
}

void stream_printf(struct stream *s, const char *format, ...)
{
	char text[512];
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(text, sizeof(text), format, args);
	if (n >= 0 && (size_t)n < sizeof(text))
		stream_put(s, (struct slice){ text, (size_t)n });
	else
		print_long(s, format, again);
	va_end(again);
	va_end(args);
}
