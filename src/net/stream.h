/* SPDX-License-Identifier: ISC */
/* A stream: what a session reads and writes. Behind it lies a pair of
 * descriptors, or memory (tests, fuzzers, explain), later TLS.
 *
 * Output is buffered and goes out in one place: when the next read would
 * block (or the buffer is full, or stream_flush). Pipelining needs no further
 * thought. All waiting is bounded by deadlines of the monotonic clock. */
#pragma once

#include "base/buf.h"

#define STREAM_IN_BYTES  16384
#define STREAM_OUT_BYTES 65536

struct stream;

/* What lies behind a stream. Waits are the source's business: `wait_ms` is
 * what is left of the deadline, -1 for ever, 0 to take only what is there.
 * Bytes, 0 (end of input), or -ETIMEDOUT, -ECANCELED (stream_heed_term),
 * -EPIPE, -ECONNRESET, … `done` and `end` may be NULL. */
struct stream_ops {
	ssize_t (*read)(void *context, void *p, size_t n, int64_t wait_ms);
	ssize_t (*write)(void *context, const void *p, size_t n,
			 int64_t wait_ms);
	/* may a read be had without waiting? */
	bool (*ready)(void *context);
	/* nothing will be written any more */
	void (*end)(void *context);
	void (*done)(void *context);
};

struct stream *stream_new(const struct stream_ops *ops, void *context);

/* Descriptors (sockets, pipes, terminals, files); not closed by stream_free.
 * stream_end puts /dev/null in the place of an `out` that is no socket.
 * Never made non-blocking, for a shell may share them: what is no socket is
 * polled instead. TCP sends at once (TCP_NODELAY): replies are collected
 * here, and an answer must not wait for a delayed acknowledgement. */
struct stream *stream_new_fd(int in, int out);

/* For the whole process: SIGTERM is held back from now on, but while a stream
 * on descriptors waits; that wait, and every later one, then ends with
 * -ECANCELED. So what was begun is ended, and leave can be taken: what needs no
 * wait still goes. 0 or -errno. */
int stream_heed_term(void) MUST_LOOK;

/* Memory: reads `input` in pieces of at most `chunk` bytes (0: all at once),
 * writes to `output` (which must outlive the stream). */
struct stream *stream_new_memory(struct slice input, size_t chunk,
				 struct buf *output);

/* What a layer of a stream (TLS) reads from and writes to. Bytes, 0, -errno;
 * waits as in stream_ops, but never past the stream's deadlines. */
struct stream_below {
	const struct stream_ops *ops;
	void *context;
};

/* Lay `ops` over what the stream lies on: *ret_below is the layer's to use,
 * and its `done` must end it (stream_below_done). Pending output goes out
 * first, input that is buffered is forgotten: it was sent before there was a
 * layer. 0, or the error that output met: then nothing has changed. */
int stream_push(struct stream *s, const struct stream_ops *ops, void *context,
		struct stream_below *ret_below) MUST_LOOK;
void stream_below_done(const struct stream_below *b);

/* What is left for one wait, as stream_ops have it. */
int64_t stream_wait_ms(const struct stream *s);

/* Each single wait is bounded by idle_ms; everything until the next call by
 * whole_ms; 0: unbounded. RFC 5321 §4.5.3.2. */
void stream_deadline(struct stream *s, int64_t idle_ms, int64_t whole_ms);

/* What is buffered and not yet consumed; never blocks. */
struct slice stream_peek(const struct stream *s);
void stream_consume(struct stream *s, size_t n);

/* Read more behind what is buffered, flushing output first if that would
 * wait. Bytes now buffered are > 0; 0 end of input; -ENOBUFS the buffer is
 * full and nothing was consumed; -ETIMEDOUT, -ECANCELED; other -errno. */
ssize_t stream_fill(struct stream *s) MUST_LOOK;

/* Likewise, but take no more than makes `n` octets buffered: what follows them
 * stays behind the stream, for a layer to come. n: more than are buffered. */
ssize_t stream_fill_upto(struct stream *s, size_t n) MUST_LOOK;

/* Has the peer sent something we have not consumed (buffered or waiting in
 * the kernel)? For early talkers. */
bool stream_has_input(struct stream *s);

/* What another process has read from it too early, to be read here before all
 * else; nothing has been read yet. 0 or -ENOBUFS (over STREAM_IN_BYTES). */
int stream_unread(struct stream *s, struct slice bytes) MUST_LOOK;

/* Forget buffered input (STARTTLS). */
void stream_forget_input(struct stream *s);

/* Append to the output; errors are kept and returned by the next flush or
 * fill. Half a buffer or more at once is not copied but goes out now. */
void stream_put(struct stream *s, struct slice bytes);
void stream_put_number(struct stream *s, uint64_t number); /* decimal */
void stream_printf(struct stream *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* 0, or the first error that output met. */
int stream_flush(struct stream *s) MUST_LOOK;

/* The last word has been put: give out what goes without waiting, and when that
 * is all, tell the peer that no more comes, so that he need not wait for our
 * end. What does not go waits for the next flush; so do errors. */
void stream_end(struct stream *s);

void stream_free(struct stream *s);
