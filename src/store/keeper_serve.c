/* SPDX-License-Identifier: ISC */
/* See keeper.h: the keeper's side. A message is had wholly before a mailbox is
 * locked: nobody holds it up by going on slowly. */
#include "store/keeper.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "store/keeper_wire.h"
#include "store/quota.h"

#define IN_MEMORY (1U << 18) /* octets of a message; more goes to a file */
#define PIECE     65536

/* A request with all that belongs to it. */
struct order {
	struct keeper_request q;
	char *texts; /* of them all */
	struct slice text[KEEPER_TEXTS];
	char *message; /* NULL: it is in the file */
	int file;      /* nameless; < 0: none */
};

static void order_done(struct order *o)
{
	free(o->texts);
	free(o->message);
	file_close(&o->file);
}

static int take_texts(int fd, struct order *o)
{
	size_t all = 0, at = 0;
	int r;

	for (size_t i = 0; i < KEEPER_TEXTS; i++) {
		if (o->q.n[i] > KEEPER_TEXT_MAX)
			return -E2BIG;
		all += o->q.n[i];
	}
	o->texts = malloc(all + 1);
	if (!o->texts)
		return -ENOMEM;
	r = keeper_take(fd, o->texts, all);
	for (size_t i = 0; i < KEEPER_TEXTS; at += o->q.n[i++])
		o->text[i] = (struct slice){ o->texts + at, o->q.n[i] };
	return r;
}

/* Where no file can be nameless, memory will do. */
static int open_nameless(struct store *s)
{
	int fd = openat(s->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fd = memfd_create("message", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* On a full disk the rest is read all the same: the session is to hear why. */
static int take_into_file(struct store *s, int fd, struct order *o)
{
	char piece[PIECE];
	int e, r = 0;

	o->file = open_nameless(s);
	e = o->file < 0 ? o->file : 0;
	for (uint64_t left = o->q.length; r == 0 && left > 0;) {
		size_t n = left < PIECE ? (size_t)left : PIECE;

		r = keeper_take(fd, piece, n);
		if (r == 0 && e == 0)
			e = file_write(o->file, (struct slice){ piece, n });
		left -= n;
	}
	if (e < 0)
		file_close(&o->file);
	return r < 0 ? r : 0;
}

static int take_message(struct store *s, int fd, struct order *o)
{
	if (o->q.verb != KEEPER_APPEND)
		return 0;
	if (o->q.length > IN_MEMORY)
		return take_into_file(s, fd, o);
	o->message = malloc(o->q.length + 1);
	return o->message ? keeper_take(fd, o->message, o->q.length) : -ENOMEM;
}

static int append(struct store *s, const struct order *o,
		  struct mbox_appended *ret_did)
{
	const struct mbox_message m = {
		.sender = o->text[KEEPER_SENDER],
		.real_us = o->q.real_us,
		.head = o->text[KEEPER_HEAD],
		.text = { o->message ? o->message : "", o->q.length },
		.fd = o->file,
		.length = o->q.length,
		.owner = o->q.owner,
		.once = o->text[KEEPER_ONCE],
		.quota = o->q.quota,
		.ret_did = ret_did,
	};

	if (!o->message && o->file < 0)
		return -ENOSPC;
	return mbox_append(s, o->text[KEEPER_MAILBOX], &m);
}

static int carry_out(struct store *s, const struct order *o,
		     struct keeper_reply *ret)
{
	struct slice mailbox = o->text[KEEPER_MAILBOX];

	switch (o->q.verb) {
	case KEEPER_APPEND:
		return append(s, o, &ret->did);
	case KEEPER_FORGET:
		return mbox_append_forget(s, mailbox, o->text[KEEPER_ONCE]);
	case KEEPER_USAGE:
		return quota_usage(s, mailbox, o->q.count != 0, &ret->usage);
	case KEEPER_WARN_ONCE:
		return quota_warn_once(s, mailbox);
	case KEEPER_WARN_AGAIN:
		return quota_warn_again(s, mailbox);
	}
	return -EINVAL;
}

/* 0, or -errno: it is not to be talked to any more. */
static int serve_one(struct store *s, int fd)
{
	struct order o CLEANUP(order_done) = { .file = -1 };
	struct keeper_reply reply;
	int r = keeper_take(fd, &o.q, sizeof(o.q));

	if (r == 0)
		r = take_texts(fd, &o);
	if (r == 0)
		r = take_message(s, fd, &o);
	if (r < 0)
		return r;
	memset(&reply, 0, sizeof(reply));
	reply.result = carry_out(s, &o, &reply);
	return keeper_put(
		fd, (struct slice){ (const char *)&reply, sizeof(reply) });
}

void keeper_serve(struct store *s, int fd)
{
	while (serve_one(s, fd) == 0)
		;
}
