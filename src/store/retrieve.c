/* SPDX-License-Identifier: ISC */
/* See retrieve.h. A message that fits into a block, with the byte before it
 * and the one behind, is had by one read: whether it still stands where it
 * did is seen in that. */
#include "store/retrieve.h"

#include "base/file.h"
#include "mail/wire.h"

#define WHOLE_BLOCK 262144
#define TOP_BLOCK   16384 /* most of it will not be asked for */

/* A stretch of the file in memory. */
struct stretch {
	const struct source *from;
	char *p;
	size_t room;
	uint64_t at;
	size_t n;
};

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Has nobody written to it so far? Then what was read is what stood there. */
static bool is_as_it_was(const struct source *from)
{
	struct stat st;

	return fstat(from->fd, &st) == 0 &&
	       st.st_size == from->state->st_size &&
	       same_time(&st.st_mtim, &from->state->st_mtim) &&
	       same_time(&st.st_ctim, &from->state->st_ctim);
}

static int read_stretch(struct stretch *s, uint64_t at, uint64_t to)
{
	size_t want = to - at < s->room ? (size_t)(to - at) : s->room;
	ssize_t got = file_read_at(s->from->fd, s->p, want, at);

	s->at = at;
	s->n = got < 0 ? 0 : (size_t)got;
	return got < 0 ? (int)got : 0;
}

/* Fill it from `at` on, as far as it holds, to `to` at most. */
static int fill(struct stretch *s, uint64_t at, uint64_t to)
{
	int r = read_stretch(s, at, to);

	if (r < 0 || is_as_it_was(s->from))
		return r;
	r = s->from->lock(s->from->context);
	if (r < 0)
		return r;
	r = read_stretch(s, at, to);
	s->from->unlock(s->from->context);
	return r;
}

/* What of from … to it holds, from `from` on. */
static struct slice part(const struct stretch *s, uint64_t from, uint64_t to)
{
	struct slice all = { s->p, s->n };

	if (from < s->at || from - s->at >= s->n || to <= from)
		return SLICE_NONE;
	all = slice_from(all, (size_t)(from - s->at));
	return slice_upto(all, to - from < all.n ? (size_t)(to - from) : all.n);
}

/* Its From_ line, behind a line's end, at the stretch's start. */
static bool begins(const struct stretch *s, const struct index_entry *m)
{
	struct slice all = { s->p, s->n };

	return slice_starts(all,
			    m->from > 0 ? SLICE("\nFrom ") : SLICE("From "));
}

/* The file's end, the next From_ line, or LFs: somebody else's padding before
 * what he appended. `end`: the last byte before `next`, an empty line's if
 * there was one, and what follows. */
static bool ends(const struct index_entry *m, struct slice end)
{
	bool last = end.n > 0 && (m->end == m->next || end.p[0] == '\n');

	return last && (end.n == 1 || end.p[1] == 'F' || end.p[1] == '\n');
}

/* Read what there is of it, all if it fits; does it still begin and end where
 * it did? */
static int open_message(struct stretch *s, const struct index_entry *m)
{
	uint64_t before = m->from > 0 ? m->from - 1 : 0;
	struct slice end;
	char two[2];
	ssize_t n;
	int r = fill(s, before, m->next + 1);

	if (r < 0)
		return r;
	if (!begins(s, m))
		return -ESTALE;
	end = part(s, m->next - 1, m->next + 1);
	if (s->n == s->room && s->at + s->n <= m->next) {
		n = file_read_at(s->from->fd, two, sizeof(two), m->next - 1);
		if (n < 0)
			return (int)n;
		end = (struct slice){ two, (size_t)n };
	}
	return ends(m, end) ? 0 : -ESTALE;
}

/* from … to of the file. */
static int give_out(struct stretch *s, uint64_t from, uint64_t to,
		    struct wire *wire)
{
	int r = 0;

	while (from < to && !wire_is_full(wire) && r == 0) {
		struct slice piece = part(s, from, to);

		if (piece.n == 0)
			r = fill(s, from, to);
		if (piece.n == 0 && s->n == 0 && r == 0)
			r = -ESTALE;
		if (r == 0)
			r = wire_push(wire, piece);
		from += piece.n;
	}
	return r;
}

int retrieve(const struct source *from, const struct index_entry *m,
	     size_t body_lines, bool stuff, mboxrd_out *out, void *context)
{
	uint64_t length = m->next - m->from + 2;
	uint64_t most = body_lines == SIZE_MAX ? WHOLE_BLOCK : TOP_BLOCK;
	struct stretch s = { .from = from,
			     .room = (size_t)(length < most ? length : most) };
	struct wire wire;
	int r;

	s.p = malloc(s.room);
	wire_start(&wire, stuff, out, context);
	r = s.p ? open_message(&s, m) : -ENOMEM;
	if (r == 0)
		r = give_out(&s, m->start, m->body, &wire);
	wire_limit(&wire, body_lines);
	if (r == 0)
		r = give_out(&s, m->body, m->end, &wire);
	if (r == 0)
		r = wire_end(&wire);
	free(s.p);
	return r;
}
