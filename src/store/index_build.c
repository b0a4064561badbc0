/* SPDX-License-Identifier: ISC */
/* See index_build.h. Nothing is flushed to disk: an index that a power cut
 * tore does not match its checksums. */
#include "store/index_build.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "store/scan.h"
#include "store/uidl.h"
#include "store/uidl_table.h"

#define NAME ".index"
#define NEW  ".index.new"

static int open_new(const struct place *p, bool *ret_named)
{
	struct place_file f = place_beside(p, NEW);
	int fd = -ENOENT;

	if (p->side >= 0) {
		fd = file_create(p->side, f.name, 0660);
		if (fd == -EEXIST) { /* a dead process left it */
			ignore(file_unlink(p->side, f.name));
			fd = file_create(p->side, f.name, 0660);
		}
	}
	*ret_named = fd >= 0;
	return fd;
}

void index_unlink_new(const struct place *p)
{
	struct place_file f = place_beside(p, NEW);

	ignore(file_unlink(p->side, f.name));
}

static int open_memory(void)
{
	int fd = memfd_create("index", MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int index_new(const struct place *p, struct index **ret)
{
	struct index *x = calloc(1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->place = *p;
	x->uidl = -1;
	x->sieve = calloc(1, sizeof(*x->sieve)); /* it goes without one */
	x->fd = open_new(p, &x->named);
	x->fresh = x->named;
	if (x->fd < 0)
		x->fd = open_memory();
	if (x->fd < 0) {
		int r = x->fd;

		free(x->sieve);
		free(x);
		return r;
	}
	*ret = x;
	return 0;
}

/* The disk is full, or a quota reached: go on in memory. */
static int move_to_memory(struct index *x)
{
	uint64_t blocks = (x->header.n + INDEX_PER - 1) / INDEX_PER;
	uint64_t n = blocks * INDEX_BLOCK + INDEX_HEADER;
	int memory = open_memory();
	off_t end = memory < 0 ? 0 : lseek(x->fd, 0, SEEK_END);
	int r = memory;

	if (r >= 0)
		r = file_copy(x->fd, 0, memory, 0,
			      (uint64_t)end < n ? (uint64_t)end : n);
	if (r < 0) {
		file_close(&memory);
		return r;
	}
	file_close(&x->fd);
	x->fd = memory;
	x->named = x->fresh = false;
	index_unlink_new(&x->place);
	return 0;
}

static bool is_no_room(int error)
{
	return error == -ENOSPC || error == -EDQUOT || error == -EFBIG ||
	       error == -EIO || error == -EROFS;
}

int index_add(struct index *x, const struct index_cell *c)
{
	struct index_cell *cell;
	int r = index_cell(x, x->header.n, x->header.n, &cell);

	if (is_no_room(r) && x->named) {
		r = move_to_memory(x);
		if (r == 0)
			r = index_cell(x, x->header.n, x->header.n, &cell);
	}
	if (r < 0)
		return r;
	*cell = *c;
	if (x->sieve)
		uidl_sieve_add(x->sieve, uidl_tag(c->digest));
	x->window.changed = true;
	x->header.n++;
	x->header.octets += c->octets;
	x->header.unread += !c->read;
	x->header.odd += c->number > 1 || c->uidl > 0;
	return 0;
}

/* ---- from the mailbox ---- */

static uint8_t nibble(char hex)
{
	return (uint8_t)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

static int on_span(void *context, const struct mbox_span *s)
{
	struct index_cell c = {
		.from = s->from,
		.body = s->body,
		.octets = s->octets,
		.header_octets = s->header_octets,
		.lines = s->lines,
		.head_n = (uint32_t)(s->start - s->from),
		.number = 1,
		.tail_n = (uint32_t)(s->next - s->end),
		.read = s->read,
	};

	if (s->hidden)
		return 0;
	if (s->start - s->from > UINT32_MAX)
		return -EFBIG;
	for (size_t i = 0; i < INDEX_DIGEST; i++)
		c.digest[i] = (uint8_t)(nibble(s->digest[2 * i]) << 4 |
					nibble(s->digest[2 * i + 1]));
	return index_add(context, &c);
}

int index_scan(struct index *x, int mailbox, uint64_t at, uint64_t size)
{
	return scan_mailbox(mailbox, at, size, on_span, x);
}

/* ---- the end ---- */

/* Where something else has the name it goes on without one. */
static void give_name(struct index *x)
{
	struct place_file from = place_beside(&x->place, NEW);
	struct place_file to = place_beside(&x->place, NAME);

	if (file_rename(x->place.side, from.name, x->place.side, to.name) < 0)
		index_unlink_new(&x->place);
	x->fresh = false;
}

static int write_all(struct index *x, int mailbox)
{
	int r = index_flush(x);

	if (r == 0)
		r = index_identify(&x->place, mailbox, &x->header.identity);
	if (r == 0) /* whatever is changed later must have another time */
		clock_outwait_us(
			(int64_t)(x->header.identity.ctime_s * 1000000 +
				  x->header.identity.ctime_ns / 1000));
	return r == 0 ? index_write_header(x->fd, &x->header) : r;
}

static int number_and_write(struct index *x, int mailbox, uint64_t first)
{
	int r = uidl_number(x, first);

	return r == 0 ? write_all(x, mailbox) : r;
}

int index_finish(struct index *x, int mailbox, uint64_t first)
{
	int r = number_and_write(x, mailbox, first);

	/* numbered again: the error may have been NAME.uidl's */
	if (is_no_room(r) && x->fresh) {
		r = move_to_memory(x);
		if (r == 0)
			r = number_and_write(x, mailbox, first);
	}
	if (r == 0 && x->fresh)
		give_name(x);
	free(x->sieve);
	x->sieve = NULL;
	return r;
}
