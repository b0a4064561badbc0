/* SPDX-License-Identifier: ISC */
/* What comes by a stream goes to a socket, and back, until the socket's other
 * end has said all it has to say. */
#pragma once

#include "net/stream.h"

/* in: the descriptor the stream reads from, to wait for. idle_ms: to wait for
 * the stream to take something; how long nobody says anything is for the
 * socket's other end to judge. The stream is ended as the socket was
 * (stream_end). What of the stream is buffered already goes first. 0, or
 * -errno of the stream. */
int pump(struct stream *s, int in, int to, int64_t idle_ms) MUST_LOOK;
