/* SPDX-License-Identifier: ISC */
/* See pump.h. Never waits to be rid of what the stream brought while there may
 * be something to be brought to it: neither side can hold up the other. */
#include "net/pump.h"

#include <poll.h>
#include <sys/socket.h>

#define PIECE 32768

struct pump_ends {
	struct stream *stream;
	int in, to;
	bool closed; /* nothing will come by the stream any more */
};

/* Nothing more to be had from the stream: the socket is told. */
static void close_in(struct pump_ends *p)
{
	p->closed = true;
	(void)shutdown(p->to, SHUT_WR); /* fails when that side has gone too */
}

static void take_in(struct pump_ends *p)
{
	if (!p->closed && stream_peek(p->stream).n == 0 &&
	    stream_has_input(p->stream) && stream_fill(p->stream) <= 0)
		close_in(p);
}

static void give_on(struct pump_ends *p)
{
	struct slice s = stream_peek(p->stream);
	ssize_t n;

	if (s.n == 0 || p->closed)
		return;
	n = send(p->to, s.p, s.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		stream_consume(p->stream, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		close_in(p);
}

/* 1, 0 (the end), or -errno. */
static int bring_back(struct pump_ends *p)
{
	char piece[PIECE];
	ssize_t n = recv(p->to, piece, sizeof(piece), MSG_DONTWAIT);
	int r;

	if (n == 0)
		return 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	stream_put(p->stream, (struct slice){ piece, (size_t)n });
	r = stream_flush(p->stream);
	return r < 0 ? r : 1;
}

static void wait_for_either(const struct pump_ends *p)
{
	bool full = stream_peek(p->stream).n > 0 && !p->closed;
	struct pollfd both[2] = {
		{ .fd = p->to, .events = POLLIN },
		{ .fd = p->closed || full ? -1 : p->in, .events = POLLIN },
	};

	if (full)
		both[0].events |= POLLOUT;
	(void)poll(both, 2, -1); /* whatever it says, all is tried again */
}

int pump(struct stream *s, int in, int to, int64_t idle_ms)
{
	struct pump_ends p = { .stream = s, .in = in, .to = to };
	int r;

	do {
		stream_deadline(s, idle_ms, 0);
		take_in(&p);
		give_on(&p);
		wait_for_either(&p);
		r = bring_back(&p);
	} while (r > 0);
	stream_end(s);
	return r;
}
