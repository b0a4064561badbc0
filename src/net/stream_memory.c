/* SPDX-License-Identifier: ISC */
/* A stream over memory: unit tests, fuzz targets, explain. Never waits. */
#include "net/stream.h"

struct memory {
	struct slice input;
	size_t chunk;
	struct buf *output;
};

static ssize_t memory_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct memory *m = context;

	(void)wait_ms;
	if (m->chunk > 0 && n > m->chunk)
		n = m->chunk;
	if (n > m->input.n)
		n = m->input.n;
	if (n > 0)
		memcpy(p, m->input.p, n);
	m->input = slice_from(m->input, n);
	return (ssize_t)n;
}

static ssize_t memory_write(void *context, const void *p, size_t n,
			    int64_t wait_ms)
{
	struct memory *m = context;
	int r = buf_put(m->output, (struct slice){ p, n });

	(void)wait_ms;
	return r < 0 ? r : (ssize_t)n;
}

static bool memory_ready(void *context)
{
	const struct memory *m = context;

	return m->input.n > 0;
}

static const struct stream_ops memory_ops = {
	.read = memory_read,
	.write = memory_write,
	.ready = memory_ready,
	.done = free,
};

struct stream *stream_new_memory(struct slice input, size_t chunk,
				 struct buf *output)
{
	struct memory *m = calloc(1, sizeof(*m));
	struct stream *s;

	if (!m)
		return NULL;
	*m = (struct memory){ input, chunk, output };
	s = stream_new(&memory_ops, m);
	if (!s)
		free(m);
	return s;
}
