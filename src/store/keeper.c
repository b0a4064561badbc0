/* SPDX-License-Identifier: ISC */
/* See keeper.h: the session's side. */
#include "store/keeper.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "store/keeper_wire.h"

#define PIECE  65536
#define PIECES (1 + KEEPER_TEXTS + 1) /* request, texts, message */

int keeper_put(int fd, struct slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

int keeper_take(int fd, void *p, size_t n)
{
	char *at = p;

	while (n > 0) {
		ssize_t got = recv(fd, at, n, 0);

		if (got == 0)
			return -EPIPE;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

void keeper_hire(struct store *s, int fd)
{
	s->keeper = fd;
}

/* By one call, as a rule: who waits for them is woken once. */
static int put_pieces(int fd, const struct slice v[PIECES])
{
	struct iovec iov[PIECES];
	const struct msghdr all = { .msg_iov = iov, .msg_iovlen = PIECES };
	size_t done;
	ssize_t sent;
	int r = 0;

	for (size_t i = 0; i < PIECES; i++)
		iov[i] = (struct iovec){ (void *)v[i].p, v[i].n };
	sent = sendmsg(fd, &all, MSG_NOSIGNAL);
	if (sent < 0 && errno != EINTR)
		return -errno;
	done = sent > 0 ? (size_t)sent : 0;
	for (size_t i = 0; r == 0 && i < PIECES; i++) {
		size_t had = done < v[i].n ? done : v[i].n;

		r = keeper_put(fd, slice_from(v[i], had));
		done -= had;
	}
	return r;
}

/* A message that is in a file. */
static int put_file(int fd, const struct mbox_message *m)
{
	char piece[PIECE];
	int r = 0;

	for (uint64_t done = 0; r == 0 && done < m->length;) {
		uint64_t left = m->length - done;
		ssize_t n = file_read_at(m->fd, piece,
					 left < PIECE ? (size_t)left : PIECE,
					 m->offset + done);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		r = keeper_put(fd, (struct slice){ piece, (size_t)n });
		done += (uint64_t)n;
	}
	return r;
}

static int put_all(int fd, struct keeper_request *q,
		   const struct slice texts[KEEPER_TEXTS],
		   const struct mbox_message *m)
{
	struct slice v[PIECES] = { { (const char *)q, sizeof(*q) } };
	int r;

	for (size_t i = 0; i < KEEPER_TEXTS; i++) {
		v[1 + i] = texts[i];
		q->n[i] = texts[i].n;
		if (texts[i].n > KEEPER_TEXT_MAX)
			return -E2BIG;
	}
	if (m && m->fd < 0)
		v[PIECES - 1] = m->text;
	r = put_pieces(fd, v);
	return r == 0 && m && m->fd >= 0 ? put_file(fd, m) : r;
}

/* Half a request leaves the keeper waiting for the rest: it is dismissed, and
 * whatever comes later is our trouble (-EPIPE). */
static int ask(struct store *s, struct keeper_request *q,
	       const struct slice texts[KEEPER_TEXTS],
	       const struct mbox_message *m, struct keeper_reply *ret)
{
	int r = put_all(s->keeper, q, texts, m);

	if (r == 0)
		r = keeper_take(s->keeper, ret, sizeof(*ret));
	if (r < 0 && r != -E2BIG)
		(void)shutdown(s->keeper, SHUT_RDWR);
	return r < 0 ? r : ret->result;
}

int keeper_append(struct store *s, struct slice mailbox,
		  const struct mbox_message *m)
{
	const struct slice texts[KEEPER_TEXTS] = {
		[KEEPER_MAILBOX] = mailbox,
		[KEEPER_SENDER] = m->sender,
		[KEEPER_ONCE] = m->once,
		[KEEPER_HEAD] = m->head,
	};
	struct keeper_request q;
	struct keeper_reply reply;
	int r;

	memset(&q, 0, sizeof(q));
	q.verb = KEEPER_APPEND;
	q.owner = m->owner;
	q.real_us = m->real_us;
	q.quota = m->quota;
	q.length = m->fd < 0 ? m->text.n : m->length;
	r = ask(s, &q, texts, m, &reply);
	if (r == 0 && m->ret_did)
		*m->ret_did = reply.did;
	return r;
}

static int ask_briefly(struct store *s, enum keeper_verb verb, bool count,
		       struct slice mailbox, struct slice once,
		       struct keeper_reply *ret)
{
	const struct slice texts[KEEPER_TEXTS] = {
		[KEEPER_MAILBOX] = mailbox,
		[KEEPER_ONCE] = once,
	};
	struct keeper_request q;

	memset(&q, 0, sizeof(q));
	q.verb = verb;
	q.count = count;
	return ask(s, &q, texts, NULL, ret);
}

int keeper_forget(struct store *s, struct slice mailbox, struct slice once)
{
	struct keeper_reply reply;

	return ask_briefly(s, KEEPER_FORGET, false, mailbox, once, &reply);
}

int keeper_usage(struct store *s, struct slice mailbox, bool count,
		 struct usage *ret)
{
	struct keeper_reply reply;
	int r = ask_briefly(s, KEEPER_USAGE, count, mailbox, SLICE_NONE,
			    &reply);

	if (r == 0)
		*ret = reply.usage;
	return r;
}

int keeper_warn(struct store *s, struct slice mailbox, bool again)
{
	struct keeper_reply reply;

	return ask_briefly(s, again ? KEEPER_WARN_AGAIN : KEEPER_WARN_ONCE,
			   false, mailbox, SLICE_NONE, &reply);
}
