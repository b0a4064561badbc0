/* SPDX-License-Identifier: ISC */
/* See maildrop.h. The mailbox's locks are held while it is looked at at login
 * and, at its end, while messages are removed, never in between: a session may
 * last long. */
#include "store/maildrop.h"

#include <assert.h>

#include "base/clock.h"
#include "store/box.h"
#include "store/expunge.h"
#include "store/index.h"
#include "store/retrieve.h"
#include "store/seat.h"
#include "store/twins.h"
#include "store/uidl.h"

static_assert(MAILDROP_UID_MAX == UIDL_MAX + 1, "one length of unique-ids");

/* What goes, in a mailbox as `index` knows it. */
struct removal {
	const struct place *place;
	int mailbox;
	struct index *index;
	bool *gone;    /* one per message */
	uint64_t at;   /* the next message to look at */
	uint64_t from; /* where the last range began */
};

struct maildrop {
	struct store *store; /* borrowed */
	int seat;
	struct box box;      /* fd < 0: there is no mailbox yet */
	struct index *index; /* NULL: likewise */
	struct stat state;   /* of the mailbox, when it was last looked at with
				the lock */
	bool touched;        /* it has changed since login: the index need not
				be true of all messages */
	int error;
	char uid[MAILDROP_UID_MAX];

	/* between the decision and its end: */
	bool decided;
	struct removal removal;
	struct expunge expunge;
	struct index *now; /* the mailbox has changed since login; or NULL */
	bool *gone;        /* of its messages */
};

static int open_box(struct maildrop *m, struct slice mailbox, bool to_read)
{
	int r = to_read ? box_open_to_read(m->store, mailbox, &m->box)
			: box_open(m->store, mailbox, false, (uid_t)-1,
				   &m->box);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = index_open(&m->box.place, m->box.fd, &m->index);
	if (r == 0 && fstat(m->box.fd, &m->state) < 0)
		r = -errno;
	box_unlock(&m->box);
	return r;
}

static int take_seat(struct maildrop *m, struct slice mailbox,
		     int64_t login_delay_ms, int64_t *ret_wait_ms)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	uint64_t leaving_ms = m->store->options.lock_wait_ms;
	int r = place_open(m->store, mailbox, true, &p);

	if (r < 0)
		return r;
	m->seat = seat_take(&p, login_delay_ms, leaving_ms, ret_wait_ms);
	return m->seat < 0 ? m->seat : 0;
}

/* A file system mounted read-only, or rights that are missing. */
static bool cannot_write(int error)
{
	return error == -EROFS || error == -EACCES || error == -EPERM;
}

static int open_all(struct maildrop *m, struct slice mailbox,
		    int64_t login_delay_ms, int64_t *ret_wait_ms)
{
	int r = take_seat(m, mailbox, login_delay_ms, ret_wait_ms);

	if (r == 0)
		r = open_box(m, mailbox, false);
	if (cannot_write(r)) /* then without a seat: others may look as well */
		return open_box(m, mailbox, true);
	return r < 0 ? r : seat_stamp(m->seat);
}

int maildrop_open(struct store *s, struct slice mailbox, int64_t login_delay_ms,
		  struct maildrop **ret, int64_t *ret_wait_ms)
{
	struct maildrop *m = calloc(1, sizeof(*m));
	int r;

	*ret_wait_ms = 0;
	if (!m)
		return -ENOMEM;
	*m = (struct maildrop){ .store = s, .seat = -1, .box = BOX_NONE };
	r = open_all(m, mailbox, login_delay_ms, ret_wait_ms);
	if (r < 0)
		maildrop_close(m);
	else
		*ret = m;
	return r;
}

struct maildrop_places maildrop_places(const struct maildrop *m)
{
	return (struct maildrop_places){
		.mailbox = m->box.fd,
		.dir = m->box.place.dir,
		.side = m->box.place.side,
	};
}

size_t maildrop_count(const struct maildrop *m)
{
	return m->index ? (size_t)index_count(m->index) : 0;
}

size_t maildrop_unread(const struct maildrop *m)
{
	return m->index ? (size_t)index_unread(m->index) : 0;
}

uint64_t maildrop_total(const struct maildrop *m)
{
	return m->index ? index_octets(m->index) : 0;
}

bool maildrop_read_only(const struct maildrop *m)
{
	return m->box.place.read_only;
}

int maildrop_error(const struct maildrop *m)
{
	return m->error;
}

static int get(struct maildrop *m, size_t i, struct index_entry *ret)
{
	int r = index_get(m->index, i, ret);

	if (r < 0 && m->error == 0)
		m->error = r;
	return r;
}

uint64_t maildrop_octets(struct maildrop *m, size_t i)
{
	struct index_entry e;

	return get(m, i, &e) == 0 ? e.octets : 0;
}

const char *maildrop_uid(struct maildrop *m, size_t i)
{
	struct index_entry e;
	int r = get(m, i, &e);

	if (r == 0)
		r = uidl_text(m->index, &e, m->uid);
	if (r < 0)
		m->uid[0] = '\0';
	if (r < 0 && m->error == 0)
		m->error = r;
	return m->uid;
}

/* Message i, being given out. */
struct giving {
	struct maildrop *m;
	size_t i;
};

static void let_go(void *context)
{
	const struct giving *g = context;
	struct stat *st = &g->m->state;

	if (fstat(g->m->box.fd, st) == 0)
		clock_outwait_us((int64_t)st->st_ctim.tv_sec * 1000000 +
				 st->st_ctim.tv_nsec / 1000);
	box_unlock(&g->m->box);
}

/* Somebody wrote to the mailbox: mail came, or he has moved it all. */
static int take_hold(void *context)
{
	const struct giving *g = context;
	int r = box_lock(g->m->store, &g->m->box);

	g->m->touched = true;
	if (r == 0 || r == -ESTALE) /* no longer the mailbox: nobody's now */
		r = index_verify(g->m->index, g->i, g->m->box.fd);
	if (r < 0)
		box_unlock(&g->m->box);
	return r;
}

static int give(struct maildrop *m, size_t i, size_t body_lines, bool stuff,
		mboxrd_out *out, void *context)
{
	struct giving g = { m, i };
	const struct source from = { .fd = m->box.fd,
				     .state = &m->state,
				     .context = &g,
				     .lock = take_hold,
				     .unlock = let_go };
	struct index_entry e;
	int r = get(m, i, &e);

	/* A change that another message has outlived was perhaps one of this;
	 * and what is amiss now may be half of a change: look with the lock. */
	if (r == 0 && m->touched && index_verify(m->index, i, m->box.fd) < 0)
		m->state.st_size = -1;
	if (r == 0)
		r = retrieve(&from, &e, body_lines, stuff, out, context);
	if (r == -ESTALE) /* the next session shall find it */
		index_drop(&m->box.place);
	return r;
}

int maildrop_read(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context)
{
	return give(m, i, body_lines, false, out, context);
}

int maildrop_send(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context)
{
	return give(m, i, body_lines, true, out, context);
}

/* ---- removing ---- */

static bool is_gone(void *context, uint64_t i)
{
	const struct removal *r = context;

	return r->gone[i];
}

/* Does a message begin here, or the mailbox end? Whatever the index says. */
static bool is_seam(const struct removal *r, uint64_t at)
{
	struct slice want = at > 0 ? SLICE("\nFrom ") : SLICE("From ");
	uint64_t before = at > 0 ? at - 1 : 0;
	char text[6];
	ssize_t n = file_read_at(r->mailbox, text, want.n, before);

	return n >= 0 && (at == index_size(r->index) ||
			  slice_eq((struct slice){ text, (size_t)n }, want));
}

/* Neighbours go as one range. */
static int next_range(void *context, uint64_t from, struct range *ret)
{
	struct removal *r = context;
	uint64_t n = index_count(r->index);
	struct index_entry e;
	bool found = false;
	int error;

	if (from <= r->from)
		r->at = 0;
	for (; r->at < n && !(found && !r->gone[r->at]); r->at++) {
		if (!r->gone[r->at])
			continue;
		error = index_get(r->index, r->at, &e);
		if (error < 0)
			return error;
		if (e.from < from)
			continue;
		if (!found)
			ret->from = r->from = e.from;
		ret->to = e.next;
		found = true;
	}
	return found;
}

/* Nothing is taken out but what begins and ends where messages do. */
static int look_at_seams(struct removal *r)
{
	struct range out = { .to = 0 };
	int more;

	while ((more = next_range(r, out.to, &out)) > 0)
		if (!is_seam(r, out.from) || !is_seam(r, out.to))
			break;
	if (more > 0) /* it lies */
		index_drop(r->place);
	return more > 0 ? -ESTALE : more;
}

static struct ranges ranges_of(struct maildrop *m, bool uidl)
{
	return (struct ranges){ .uidl = uidl,
				.context = &m->removal,
				.next = next_range };
}

/* Decide it; what m->removal says. */
static int decide(struct maildrop *m)
{
	struct ranges ranges;
	int r = look_at_seams(&m->removal), renew;

	if (r < 0)
		return r;
	renew = uidl_next_write(m->removal.index, is_gone, &m->removal);
	if (renew < 0)
		return renew;
	ranges = ranges_of(m, renew > 0);
	r = expunge_commit(&m->box.place, m->box.fd, &ranges, &m->expunge);
	m->decided = r > 0;
	return r < 0 ? r : 0;
}

static bool same_message(const struct index_entry *a,
			 const struct index_entry *b)
{
	return a->number == b->number && a->uidl == b->uidl &&
	       memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

/* Messages that cannot be told from others any more; none where the index that
 * the session began with still holds, and was only added to. */
static int find_twins(struct maildrop *m, struct twins *ret)
{
	int r;

	if (index_goes_on(m->now, m->index))
		return 0;
	r = twins_add(ret, m->index);
	if (r == 0)
		r = twins_add(ret, m->now);
	twins_sort(ret);
	return r;
}

/* Find message i of login again, behind *at, and make sure that it is it. */
static int find_again(struct maildrop *m, uint64_t i, const struct twins *twins,
		      uint64_t *at)
{
	struct index_entry was, is;
	int r = index_get(m->index, i, &was);

	if (r == 0 && twins_have(twins, was.digest))
		return -ESTALE;
	for (; r == 0 && *at < index_count(m->now); ++*at) {
		r = index_get(m->now, *at, &is);
		if (r == 0 && same_message(&was, &is))
			return index_verify(m->now, *at, m->box.fd);
	}
	return r < 0 ? r : -ESTALE;
}

/* The mailbox has changed since login (others appended, or rewrote it): what is
 * to go, in it as it is now. */
static int find_all_again(struct maildrop *m, const bool *deleted)
{
	struct twins twins CLEANUP(twins_done) = { .n = 0 };
	uint64_t at = 0;
	int r;

	m->gone = calloc(index_count(m->now) + 1, sizeof(bool));
	if (!m->gone)
		return -ENOMEM;
	r = find_twins(m, &twins);
	for (uint64_t i = 0; r == 0 && i < index_count(m->index); i++) {
		if (!deleted[i])
			continue;
		r = find_again(m, i, &twins, &at);
		if (r == 0)
			m->gone[at++] = true;
	}
	m->removal.index = m->now;
	m->removal.gone = m->gone;
	return r;
}

static void forget_removal(struct maildrop *m)
{
	index_close(m->now);
	free(m->gone);
	m->now = NULL;
	m->gone = NULL;
}

static int expunge_locked(struct maildrop *m, bool *deleted)
{
	int r = 0;

	m->removal = (struct removal){ .place = &m->box.place,
				       .mailbox = m->box.fd,
				       .index = m->index,
				       .gone = deleted };
	if (!index_holds(m->index, m->box.fd)) {
		r = index_open(&m->box.place, m->box.fd, &m->now);
		if (r == 0)
			r = find_all_again(m, deleted);
	}
	if (r == 0)
		r = decide(m);
	return r == -EBADMSG ? -ESTALE : r;
}

int maildrop_expunge(struct maildrop *m, bool *deleted)
{
	bool any = false;
	int r;

	if (m->seat >= 0) /* a courtesy to who comes next, no more */
		ignore(seat_leave(m->seat));
	for (size_t i = 0; i < maildrop_count(m); i++)
		any |= deleted[i];
	if (!any)
		return 0;
	if (m->box.place.read_only)
		return -EROFS;
	r = box_lock(m->store, &m->box);
	if (r < 0)
		return r;
	r = expunge_locked(m, deleted);
	if (r < 0) {
		box_unlock(&m->box);
		forget_removal(m);
	}
	return r;
}

int maildrop_finish(struct maildrop *m)
{
	struct ranges ranges = ranges_of(m, m->expunge.uidl);
	int r;

	if (!m->decided)
		return 0;
	m->decided = false;
	r = expunge_finish(&m->box.place, m->box.fd, &ranges, &m->expunge);
	if (r == 0 && index_shrink(m->removal.index, m->box.fd, ranges.uidl,
				   is_gone, &m->removal) < 0)
		index_drop(&m->box.place);
	box_unlock(&m->box);
	forget_removal(m);
	return r;
}

void maildrop_close(struct maildrop *m)
{
	if (!m)
		return;
	forget_removal(m);
	index_close(m->index);
	box_done(&m->box);
	file_close(&m->seat);
	free(m);
}
