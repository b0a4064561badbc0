/* SPDX-License-Identifier: ISC */
/* See maildrop.h. The mailbox's locks are held while it is read at login and
 * while messages are removed, never in between: a session may last long. */
#include "store/maildrop.h"

#include "store/box.h"
#include "store/expunge.h"
#include "store/retrieve.h"
#include "store/seat.h"
#include "store/survey.h"

struct maildrop {
	struct store *store; /* borrowed */
	int seat;
	struct box box; /* fd < 0: there is no mailbox yet */
	struct survey survey;
};

static int open_box(struct maildrop *m, struct slice mailbox)
{
	int r = box_open(m->store, mailbox, false, (uid_t)-1, &m->box);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = survey_take(m->box.fd, &m->survey);
	box_unlock(&m->box);
	return r;
}

static int take_seat(struct maildrop *m, struct slice mailbox,
		     int64_t login_delay_ms, int64_t *ret_wait_ms)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int r = place_open(m->store, mailbox, true, &p);

	if (r == 0)
		m->seat = r = seat_take(&p, login_delay_ms, ret_wait_ms);
	return r < 0 ? r : 0;
}

int maildrop_open(struct store *s, struct slice mailbox, int64_t login_delay_ms,
		  struct maildrop **ret, int64_t *ret_wait_ms)
{
	struct maildrop *m = calloc(1, sizeof(*m));
	int64_t wait_ms = 0;
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct maildrop){ .store = s, .seat = -1, .box = BOX_NONE };
	r = take_seat(m, mailbox, login_delay_ms, &wait_ms);
	*ret_wait_ms = wait_ms;
	if (r == 0)
		r = open_box(m, mailbox);
	if (r == 0)
		r = seat_stamp(m->seat);
	if (r < 0)
		maildrop_close(m);
	else
		*ret = m;
	return r;
}

size_t maildrop_count(const struct maildrop *m)
{
	return m->survey.n;
}

size_t maildrop_unread(const struct maildrop *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->survey.n; i++)
		n += !m->survey.messages[i].read;
	return n;
}

uint64_t maildrop_octets(const struct maildrop *m, size_t i)
{
	return m->survey.messages[i].octets;
}

const char *maildrop_uid(const struct maildrop *m, size_t i)
{
	return m->survey.messages[i].uid;
}

int maildrop_read(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context)
{
	return retrieve(m->box.fd, &m->survey.messages[i], body_lines, out,
			context);
}

/* ---- removing ---- */

static int compare_uids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The unique-ids of what is marked, sorted. */
static size_t marked_uids(const struct survey *s, const bool *deleted,
			  const char **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (deleted[i])
			ret[n++] = s->messages[i].uid;
	qsort(ret, n, sizeof(*ret), compare_uids);
	return n;
}

/* Where in `now` are they? -ESTALE unless all are there. */
static int find_ranges(const struct survey *now, const char *const *uids,
		       size_t n, struct range *ret)
{
	size_t found = 0;

	for (size_t i = 0; i < now->n && found < n; i++) {
		const struct surveyed *s = &now->messages[i];
		const char *uid = s->uid;

		if (bsearch(&uid, uids, n, sizeof(*uids), compare_uids))
			ret[found++] = (struct range){ s->from, s->next };
	}
	return found == n ? 0 : -ESTALE;
}

/* The mailbox as it is now: as at login, or read afresh. */
static int expunge_in(struct maildrop *m, const struct survey *now,
		      const bool *deleted)
{
	const char **uids = calloc(m->survey.n + 1, sizeof(*uids));
	struct range *ranges = calloc(m->survey.n + 1, sizeof(*ranges));
	int r = uids && ranges ? 0 : -ENOMEM;
	size_t n = 0;

	if (r == 0) {
		n = marked_uids(&m->survey, deleted, uids);
		r = find_ranges(now, uids, n, ranges);
	}
	if (r == 0)
		r = expunge_ranges(&m->box.place, m->box.fd, ranges, n);
	free(uids);
	free(ranges);
	return r;
}

static int expunge_locked(struct maildrop *m, const bool *deleted)
{
	struct survey now = { 0 };
	int r;

	if (survey_holds(&m->survey, m->box.fd))
		return expunge_in(m, &m->survey, deleted);
	r = survey_take(m->box.fd, &now);
	if (r == 0)
		r = expunge_in(m, &now, deleted);
	survey_done(&now);
	return r == -EBADMSG ? -ESTALE : r;
}

int maildrop_expunge(struct maildrop *m, const bool *deleted)
{
	bool any = false;
	int r;

	for (size_t i = 0; i < m->survey.n; i++)
		any |= deleted[i];
	if (!any)
		return 0;
	r = box_lock(m->store, &m->box);
	if (r < 0)
		return r;
	r = expunge_locked(m, deleted);
	box_unlock(&m->box);
	return r;
}

void maildrop_close(struct maildrop *m)
{
	if (!m)
		return;
	survey_done(&m->survey);
	box_done(&m->box);
	file_close(&m->seat);
	free(m);
}
