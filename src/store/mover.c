/* SPDX-License-Identifier: ISC */
/* See mover.h. */
#include "store/mover.h"

#define BLOCK ((size_t)512 << 10)

int mover_start(struct mover *m, int from, int to, uint64_t at, bool drop)
{
	*m = (struct mover){
		.from = from,
		.to = to,
		.to_at = at,
		.block = malloc(BLOCK),
		.behind = { .started = at, .done = at, .drop = drop },
	};
	return m->block ? 0 : -ENOMEM;
}

void mover_done(struct mover *m)
{
	free(m->block);
	m->block = NULL;
}

int mover_end(struct mover *m)
{
	int r = 0;

	if (m->n > 0)
		r = file_write_at(m->to, (struct slice){ m->block, m->n },
				  m->to_at);
	if (r < 0)
		return r;
	m->to_at += m->n;
	m->n = 0;
	file_behind(m->to, m->to_at, &m->behind);
	return 0;
}

int mover_add(struct mover *m, uint64_t at, uint64_t n)
{
	int r = 0;

	while (n > 0 && r == 0) {
		size_t room = BLOCK - m->n;
		size_t want = n < room ? (size_t)n : room;
		ssize_t got = file_read_at(m->from, m->block + m->n, want, at);

		if (got < (ssize_t)want)
			return got < 0 ? (int)got : -EIO;
		m->n += want;
		at += want;
		n -= want;
		if (m->n == BLOCK)
			r = mover_end(m);
	}
	return r;
}
