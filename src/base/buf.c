/* SPDX-License-Identifier: ISC */
/* See buf.h. */
#include "base/buf.h"

#include <stdarg.h>

#define ROOM_MIN 256

int buf_reserve(struct buf *b, size_t more)
{
	size_t need, room;
	char *p;

	if (__builtin_add_overflow(b->n, more, &need) || need > b->ceiling)
		return -EMSGSIZE;
	if (need <= b->room)
		return 0;
	room = b->room > 0 ? b->room : ROOM_MIN;
	while (room < need && room <= b->ceiling / 2)
		room *= 2;
	if (room < need || room > b->ceiling)
		room = b->ceiling;
	p = realloc(b->p, room);
	if (!p)
		return -ENOMEM;
	b->p = p;
	b->room = room;
	return 0;
}

int buf_put(struct buf *b, struct slice s)
{
	int r = buf_reserve(b, s.n);

	if (r < 0)
		return r;
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	return 0;
}

int buf_put_byte(struct buf *b, char c)
{
	return buf_put(b, (struct slice){ &c, 1 });
}

int buf_printf(struct buf *b, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n, r;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return -ENOMEM;
	r = buf_put(b, (struct slice){ text, (size_t)n });
	free(text);
	return r;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n > b->n)
		n = b->n;
	if (n == 0)
		return;
	b->n -= n;
	memmove(b->p, b->p + n, b->n);
}

struct slice buf_slice(const struct buf *b)
{
	return (struct slice){ b->p, b->n };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
}

void buf_done(struct buf *b)
{
	free(b->p);
	*b = BUF(b->ceiling);
}
