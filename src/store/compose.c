/* SPDX-License-Identifier: ISC */
/* See compose.h. The seal tells length and digest of what comes behind it, and
 * stands in front: it has a fixed width, its place is kept free in the first
 * block, and that block waits in memory for the rest. */
#include "store/compose.h"

#include <sys/stat.h>

#include "mail/mboxrd.h"
#include "store/extent.h"
#include "store/sealed.h"

struct composer {
	int fd;         /* < 0: only measure */
	uint64_t start; /* of the first block in the file */
	uint64_t at;    /* where the next block goes */
	uint64_t pad;
	uint64_t inode;
	struct buf first, block;
	struct digest digest;
	uint64_t length; /* from the From_ line on */
};

static int flush(struct composer *c)
{
	int r = c->block.n == 0 || c->fd < 0
			? 0
			: file_write_at(c->fd, buf_slice(&c->block), c->at);

	c->at += c->block.n;
	buf_reset(&c->block);
	return r;
}

static int put(struct composer *c, struct slice bytes)
{
	size_t room = EXTENT_BLOCK - c->first.n;
	struct slice part = slice_upto(bytes, room);
	int r = buf_put(&c->first, part);

	bytes = slice_from(bytes, part.n);
	while (r == 0 && bytes.n > 0) {
		part = slice_upto(bytes, EXTENT_BLOCK - c->block.n);
		r = buf_put(&c->block, part);
		bytes = slice_from(bytes, part.n);
		if (r == 0 && c->block.n == EXTENT_BLOCK)
			r = flush(c);
	}
	return r;
}

/* mboxrd_out */
static int sealed(void *context, struct slice bytes)
{
	struct composer *c = context;

	digest_add(&c->digest, bytes);
	c->length += bytes.n;
	return put(c, bytes);
}

static int quote_file(struct mboxrd *quote, const struct mbox_message *m)
{
	char *block = malloc(EXTENT_BLOCK);
	uint64_t at = m->offset, left = m->length;
	int r = block ? 0 : -ENOMEM;

	while (left > 0 && r == 0) {
		size_t want = left < EXTENT_BLOCK ? (size_t)left : EXTENT_BLOCK;
		ssize_t got = file_read_at(m->fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else
			r = mboxrd_quote(quote, (struct slice){ block, want });
		at += want;
		left -= want;
	}
	free(block);
	return r;
}

static int quote_message(struct composer *c, const struct mbox_message *m)
{
	struct mboxrd quote;
	int r;

	mboxrd_start(&quote, sealed, c);
	r = mboxrd_quote(&quote, m->head);
	if (r == 0)
		r = m->fd >= 0 ? quote_file(&quote, m)
			       : mboxrd_quote(&quote, m->text);
	return r == 0 ? mboxrd_quote_end(&quote) : r;
}

static int put_from_line(struct composer *c, const struct mbox_message *m)
{
	struct buf from = BUF(1024);
	int r = mboxrd_from_line(&from, m->sender, m->real_us);

	if (r == 0)
		r = sealed(c, buf_slice(&from));
	buf_done(&from);
	return r;
}

/* The seal. seal_n: its width, when all that it speaks of is there; else 0:
 * only the width is right. */
static size_t describe(struct composer *c, const struct mbox_message *m,
		       size_t seal_n, char ret[SEAL_MAX])
{
	struct seal s = { .length = c->length + seal_n,
			  .inode = c->inode,
			  .offset = c->start + c->pad };

	if (seal_n > 0)
		digest_hex(&c->digest, s.digest, SEAL_DIGEST / 2);
	else
		memset(s.digest, '0', SEAL_DIGEST);
	(void)snprintf(s.once, sizeof(s.once), "%.*s", SLICE_ARG(m->once));
	return seal_format(&s, ret);
}

static int put_all(struct composer *c, const struct mbox_message *m)
{
	char seal[SEAL_MAX];
	size_t at, n;
	int r = put(c, (struct slice){ "\n\n", c->pad });

	if (r == 0)
		r = put_from_line(c, m);
	if (r < 0)
		return r;
	at = c->first.n;
	n = describe(c, m, 0, seal);
	r = put(c, (struct slice){ seal, n });
	if (r == 0)
		r = quote_message(c, m);
	if (r == 0)
		r = flush(c);
	if (r < 0)
		return r;
	(void)describe(c, m, n, seal);
	memcpy(c->first.p + at, seal, n);
	c->length += n;
	return c->fd < 0 ? 0
			 : file_write_at(c->fd, buf_slice(&c->first), c->start);
}

/* A flush costs a third less when it finds its blocks allocated (ext4). At
 * most an eighth of what the mailbox has, so that small ones cost no disk. */
#define AHEAD_LEAST 65536
#define AHEAD_MOST  (1U << 20)

static void reserve_ahead(int fd, const struct stat *st, uint64_t at)
{
	uint64_t ahead = at / 8 < AHEAD_MOST ? at / 8 : AHEAD_MOST;
	uint64_t has = (uint64_t)st->st_blocks * 512;

	if (ahead >= AHEAD_LEAST && has < at + (uint64_t)st->st_blksize * 2)
		file_reserve_ahead(fd, at, ahead);
}

static int run(int fd, const struct stat *st, uint64_t pad,
	       const struct mbox_message *m, uint64_t *ret_length)
{
	uint64_t at = (uint64_t)st->st_size;
	struct composer c = { .fd = fd,
			      .pad = pad,
			      .inode = st->st_ino,
			      .start = at,
			      .at = at + EXTENT_BLOCK,
			      .first = BUF(EXTENT_BLOCK),
			      .block = BUF(EXTENT_BLOCK) };
	int r;

	digest_start(&c.digest);
	if (fd >= 0)
		reserve_ahead(fd, st, at);
	r = put_all(&c, m);
	buf_done(&c.first);
	buf_done(&c.block);
	if (r == 0)
		*ret_length = pad + c.length;
	return r;
}

int compose(int fd, const struct stat *st, uint64_t pad,
	    const struct mbox_message *m, uint64_t *ret_length)
{
	return run(fd, st, pad, m, ret_length);
}

int compose_measure(const struct stat *st, uint64_t pad,
		    const struct mbox_message *m, uint64_t *ret_length)
{
	return run(-1, st, pad, m, ret_length);
}

bool compose_stands(int fd, uint64_t inode, uint64_t from, uint64_t to)
{
	struct sealed s;

	/* behind at most two LFs */
	for (uint64_t at = from; at <= from + 2; at++)
		if (sealed_find(fd, at, &s) == 1)
			return sealed_here(&s, inode) &&
			       at + s.seal.length == to &&
			       sealed_whole(fd, to, &s);
	return false;
}
