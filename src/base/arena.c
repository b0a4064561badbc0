/* SPDX-License-Identifier: ISC */
/* See arena.h. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>

#ifdef POSTERN_SANITIZED
#define BLOCK_BYTES 0 /* every piece by itself */
#else
#define BLOCK_BYTES 4000
#endif

#define ALIGN alignof(max_align_t)

struct block {
	struct block *next;
	size_t room;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;
	size_t cap;
	size_t used;
};

struct arena *arena_new(size_t cap_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a)
		a->cap = cap_bytes;
	return a;
}

static struct block *block_for(struct arena *a, size_t n)
{
	struct block *b = a->blocks;
	size_t room = n > BLOCK_BYTES ? n : BLOCK_BYTES;

	if (b && b->room - b->used >= n && BLOCK_BYTES > 0)
		return b;
	b = calloc(1, sizeof(*b) + room);
	if (!b)
		return NULL;
	b->room = room;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t charged = n;
	struct block *b;
	void *p;

	/* under sanitizers the exact size, so that one byte over shows */
	if (BLOCK_BYTES > 0 &&
	    __builtin_add_overflow(n, (ALIGN - n % ALIGN) % ALIGN, &charged))
		return NULL;
	if (charged > a->cap - a->used)
		return NULL;
	b = block_for(a, charged);
	if (!b)
		return NULL;
	p = b->bytes + b->used;
	b->used += charged;
	a->used += charged;
	return p;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
	char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;

	if (!p)
		return SLICE_NONE;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct slice){ p, s.n };
}

struct slice arena_printf(struct arena *a, const char *format, ...)
{
	struct slice copy;
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return SLICE_NONE;
	copy = arena_copy(a, (struct slice){ text, (size_t)n });
	free(text);
	return copy;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

void arena_reset(struct arena *a)
{
	while (a->blocks) {
		struct block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a);
}
