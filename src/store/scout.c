/* SPDX-License-Identifier: ISC */
/* See scout.h. */
#include "store/scout.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/file.h"
#include "store/scan.h"

#define SPANS       2048
#define STACK_BYTES ((size_t)256 << 10)

/* Messages that follow each other. */
struct stretch {
	size_t n;
	struct mbox_span spans[SPANS];
};

static uint64_t end_of(const struct stretch *s)
{
	return s->spans[s->n - 1].next;
}

static uint64_t octets_of(const struct stretch *s)
{
	return end_of(s) - s->spans[0].from;
}

struct scout {
	int mailbox;
	uint64_t size, stride;
	uint64_t began; /* offset of the scan's start */
	uint64_t helped;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t turn; /* asked or leave has changed */
	bool asked, leave;
	uint64_t from;           /* where it was asked to look */
	_Atomic uint64_t start;  /* where it has begun; 0: not yet */
	atomic_bool enough;      /* the other one has come near */
	atomic_bool stop;        /* what it reads is of no use */
	struct stretch *ahead;   /* the thread's, while it is asked */
	struct stretch *at_hand; /* the other's */
	struct stretch both[2];
};

/* ---- the thread ---- */

static bool begins(int mailbox, uint64_t at)
{
	char text[MBOX_FRONT_MAX];
	ssize_t n = file_read_at(mailbox, text, sizeof(text), at);
	struct slice line = { text, n < 0 ? 0 : (size_t)n };

	return mboxrd_is_from(slice_upto(line, slice_find(line, '\n')));
}

/* The first line that could begin a message and stands at `at` or behind, a LF
 * before it. */
static bool find_start(const struct scout *s, uint64_t at, uint64_t *ret)
{
	static const struct slice mark = SLICE("\nFrom ");
	char block[8192];

	at--;
	while (at < s->size && !atomic_load(&s->enough)) {
		ssize_t n = file_read_at(s->mailbox, block, sizeof(block), at);
		const char *found =
			n > 0 ? memmem(block, (size_t)n, mark.p, mark.n) : NULL;

		if (n < (ssize_t)mark.n)
			return false;
		if (!found) {
			at += (size_t)n - (mark.n - 1);
			continue;
		}
		at += (size_t)(found - block) + 1;
		if (begins(s->mailbox, at)) {
			*ret = at;
			return true;
		}
	}
	return false;
}

static int keep(void *context, const struct mbox_span *span)
{
	struct scout *s = context;
	struct stretch *a = s->ahead;

	a->spans[a->n++] = *span;
	return a->n == SPANS || atomic_load(&s->enough) ? -ECANCELED : 0;
}

static void look_ahead(struct scout *s)
{
	uint64_t start;

	s->ahead->n = 0;
	if (!find_start(s, s->from, &start))
		return;
	atomic_store(&s->start, start);
	/* the other one now knows of it, or has come before */
	if (!atomic_load(&s->enough))
		/* what goes wrong the other one will see, if it matters */
		ignore(scan_until(s->mailbox, start, s->size, keep, s,
				  &s->stop));
}

static void *work(void *context)
{
	struct scout *s = context;

	(void)pthread_mutex_lock(&s->mutex);
	while (!s->leave) {
		if (!s->asked) {
			(void)pthread_cond_wait(&s->turn, &s->mutex);
			continue;
		}
		(void)pthread_mutex_unlock(&s->mutex);
		look_ahead(s);
		(void)pthread_mutex_lock(&s->mutex);
		s->asked = false;
		(void)pthread_cond_signal(&s->turn);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* ---- the other ---- */

/* Signals are for the thread that was there before, but for those that a thread
 * has by its own fault. */
static void block_signals(sigset_t *before)
{
	static const int own[] = { SIGSYS, SIGSEGV, SIGBUS,
				   SIGFPE, SIGILL,  SIGABRT };
	sigset_t all;

	(void)sigfillset(&all);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		(void)sigdelset(&all, own[i]);
	(void)pthread_sigmask(SIG_SETMASK, &all, before);
}

static int start(struct scout *s)
{
	pthread_attr_t a;
	sigset_t before;
	int r = pthread_attr_init(&a);

	if (r != 0)
		return -r;
	block_signals(&before);
	r = pthread_attr_setstacksize(&a, STACK_BYTES);
	if (r == 0)
		r = pthread_create(&s->thread, &a, work, s);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&a);
	return -r;
}

struct scout *scout_new(int mailbox, uint64_t size, uint64_t stride)
{
	struct scout *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	s->mailbox = mailbox;
	s->size = size;
	s->stride = stride;
	s->helped = 0;
	s->asked = s->leave = false;
	s->ahead = &s->both[0];
	s->at_hand = &s->both[1];
	atomic_init(&s->start, 0);
	atomic_init(&s->enough, false);
	atomic_init(&s->stop, false);
	/* or the thread's malloc takes 64 MB of address space */
	(void)mallopt(M_ARENA_MAX, 1);
	/* neither fails for the default attributes */
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)pthread_cond_init(&s->turn, NULL);
	if (start(s) < 0) {
		free(s);
		return NULL;
	}
	return s;
}

void scout_free(struct scout *s)
{
	if (!s)
		return;
	atomic_store(&s->enough, true);
	atomic_store(&s->stop, true);
	(void)pthread_mutex_lock(&s->mutex);
	s->leave = true;
	(void)pthread_cond_signal(&s->turn);
	(void)pthread_mutex_unlock(&s->mutex);
	(void)pthread_join(s->thread, NULL);
	(void)pthread_cond_destroy(&s->turn);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s);
}

static void ask(struct scout *s, uint64_t from)
{
	(void)pthread_mutex_lock(&s->mutex);
	atomic_store(&s->start, 0);
	atomic_store(&s->enough, false);
	atomic_store(&s->stop, false);
	s->from = from;
	s->asked = true;
	(void)pthread_cond_signal(&s->turn);
	(void)pthread_mutex_unlock(&s->mutex);
}

/* What it has found by now; this one has come to `at`. */
static const struct stretch *collect(struct scout *s, uint64_t at)
{
	struct stretch *found = s->ahead;

	atomic_store(&s->enough, true);
	if (atomic_load(&s->start) != at)
		atomic_store(&s->stop, true);
	(void)pthread_mutex_lock(&s->mutex);
	while (s->asked)
		(void)pthread_cond_wait(&s->turn, &s->mutex);
	(void)pthread_mutex_unlock(&s->mutex);
	s->ahead = s->at_hand;
	s->at_hand = found;
	return found;
}

/* This thread's own share. */
struct share {
	mbox_span_seen *seen;
	void *context;
	uint64_t upto, end;
	bool later; /* not the first: a message begins where it does */
	bool done;
};

static int pass_on(void *context, const struct mbox_span *span)
{
	struct share *share = context;
	int r = share->later && span->from != share->end
			? -EIO
			: share->seen(share->context, span);

	share->later = true;
	share->end = span->next;
	share->done = r == 0 && span->next >= share->upto;
	return share->done ? -ECANCELED : r;
}

/* From *at on, to the end of the message in which `upto` lies. */
static int scan_share(const struct scout *s, uint64_t *at, uint64_t upto,
		      mbox_span_seen *seen, void *context)
{
	struct share share = { .seen = seen,
			       .context = context,
			       .upto = upto,
			       .end = *at,
			       .later = *at != s->began };
	int r = scan_alone(s->mailbox, *at, s->size, pass_on, &share);

	if (share.done)
		r = 0;
	else if (r == -EBADMSG && *at != s->began)
		r = -EIO; /* one began there, and is gone */
	*at = share.done ? share.end : s->size;
	return r;
}

static int hand_on(const struct stretch *found, mbox_span_seen *seen,
		   void *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < found->n; i++)
		r = seen(context, &found->spans[i]);
	return r;
}

int scout_scan(struct scout *s, uint64_t at, mbox_span_seen *seen,
	       void *context)
{
	uint64_t ahead = at + s->stride;
	int r;

	s->began = at;
	ask(s, ahead);
	do {
		const struct stretch *found;
		bool met;

		r = scan_share(s, &at, ahead, seen, context);
		found = collect(s, at);
		met = r == 0 && found->n > 0 && found->spans[0].from == at;
		if (met) {
			at = end_of(found);
			s->helped += octets_of(found);
		}
		/* many small messages fill its list before the stride ends */
		ahead = at + (found->n == SPANS ? octets_of(found) : s->stride);
		ask(s, ahead);
		if (met)
			r = hand_on(found, seen, context);
	} while (r == 0 && at < s->size);
	return r;
}

uint64_t scout_helped(const struct scout *s)
{
	return s->helped;
}
