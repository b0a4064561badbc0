/* SPDX-License-Identifier: ISC */
/* See maildrop.h in this folder. */
#include "tests/unit/pop3/maildrop.h"

#include "mail/wire.h"

size_t maildrop_count(const struct maildrop *m)
{
	return m->n;
}

size_t maildrop_unread(const struct maildrop *m)
{
	return m->n;
}

uint64_t maildrop_total(const struct maildrop *m)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < m->n; i++)
		octets += strlen(m->messages[i]);
	return octets;
}

bool maildrop_read_only(const struct maildrop *m)
{
	(void)m;
	return false;
}

int maildrop_error(const struct maildrop *m)
{
	(void)m;
	return 0;
}

uint64_t maildrop_octets(struct maildrop *m, size_t i)
{
	return strlen(m->messages[i]);
}

const char *maildrop_uid(struct maildrop *m, size_t i)
{
	static const char *const uids[] = { "uid-a", "uid-b", "uid-c",
					    "uid-d" };

	(void)m;
	return uids[i % ARRAY_LEN(uids)];
}

/* The header, the empty line, and so many lines. */
static struct slice top(struct slice message, size_t lines)
{
	const char *body = memmem(message.p, message.n, "\r\n\r\n", 4);
	size_t at = body ? (size_t)(body - message.p) + 4 : message.n;

	for (; lines > 0 && at < message.n; lines--)
		at += slice_find(slice_from(message, at), '\n') + 1;
	return slice_upto(message, at);
}

static int collect(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

/* With dots put before dots. */
static int stuff(struct slice message, struct buf *ret)
{
	struct wire w;
	int r;

	wire_start(&w, true, collect, ret);
	r = wire_push(&w, message);
	return r == 0 ? wire_end(&w) : r;
}

int maildrop_send(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context)
{
	struct buf stuffed = BUF(1 << 20);
	int r = stuff(top(slice_of(m->messages[i]), body_lines), &stuffed);
	struct slice rest = buf_slice(&stuffed);

	if (m->error_first)
		r = m->read_error;
	while (rest.n > 0 && r == 0) {
		size_t n = m->piece > 0 ? m->piece : rest.n;

		r = out(context, slice_upto(rest, n));
		rest = slice_from(rest, n);
		if (r == 0)
			r = m->read_error;
	}
	buf_done(&stuffed);
	return r;
}

int maildrop_expunge(struct maildrop *m, bool *deleted)
{
	m->expunges++;
	for (size_t i = 0; i < m->n; i++)
		m->expunged += deleted[i];
	return m->expunge_error;
}

int maildrop_finish(struct maildrop *m)
{
	m->finishes++;
	if (m->on_finish)
		m->on_finish(m->context);
	return m->finish_error;
}

void maildrop_close(struct maildrop *m)
{
	if (m)
		m->closed++;
}
