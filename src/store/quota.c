/* SPDX-License-Identifier: ISC */
/* See quota.h. */
#include "store/quota.h"

#include <fcntl.h>

#include "store/extent.h"
#include "store/index.h"
#include "store/keeper.h"

#define WARNED ".quota"

/* ---- how much is there ---- */

int quota_usage_open(const struct place *p, int fd, bool count,
		     struct usage *ret)
{
	struct usage u = { 0 };
	int r = extent_size(fd, &u.octets);

	if (r == 0 && count && u.octets > 0)
		r = index_tally(p, fd, &u.messages);
	if (r == 0)
		*ret = u;
	return r;
}

int quota_usage(struct store *s, struct slice mailbox, bool count,
		struct usage *ret)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int fd CLEANUP(file_close) = -1;
	int r;

	if (s->keeper >= 0)
		return keeper_usage(s, mailbox, count, ret);
	r = place_open(s, mailbox, false, &p);
	if (r == 0)
		r = fd = file_open(p.dir, p.name, O_RDONLY | O_NONBLOCK);
	if (r >= 0)
		return quota_usage_open(&p, fd, count, ret);
	if (r == -ENOENT) {
		*ret = (struct usage){ 0 };
		r = 0;
	}
	return r;
}

/* ---- against the limits ---- */

static bool exceeds(uint64_t limit, uint64_t now, uint64_t more)
{
	return limit > 0 && (now > limit || more > limit - now);
}

int quota_check(const struct quota *q, const struct usage *now,
		uint64_t more_octets)
{
	return exceeds(q->octets, now->octets, more_octets) ||
			       exceeds(q->messages, now->messages, 1)
		       ? -EDQUOT
		       : 0;
}

int quota_admit(const struct place *p, int fd, const struct quota *q,
		uint64_t more_octets, struct usage *ret_before,
		struct usage *ret_after)
{
	struct usage now = { 0 };
	int r = quota_usage_open(p, fd, q->messages > 0, &now);

	if (r == 0)
		r = quota_check(q, &now, more_octets);
	if (r == -EDQUOT && quota_never(q, more_octets))
		r = -E2BIG;
	if (r < 0)
		return r;
	*ret_before = now;
	*ret_after = (struct usage){
		.octets = now.octets + more_octets,
		.messages = now.messages + (q->messages > 0 ? 1 : 0),
	};
	return 0;
}

bool quota_never(const struct quota *q, uint64_t octets)
{
	return exceeds(q->octets, 0, octets);
}

static unsigned percent(uint64_t part, uint64_t whole)
{
	uint64_t hundredfold, share;

	if (whole == 0)
		return 0;
	share = __builtin_mul_overflow(part, 100, &hundredfold)
			? part / (whole / 100 + 1)
			: hundredfold / whole;
	return share < 9999 ? (unsigned)share : 9999;
}

unsigned quota_share(const struct quota *q, const struct usage *u,
		     struct quota *ret_of)
{
	unsigned octets = percent(u->octets, q->octets);
	unsigned messages = percent(u->messages, q->messages);
	bool by_messages = q->octets == 0 || messages > octets;

	*ret_of = (struct quota){
		.octets = by_messages ? 0 : q->octets,
		.messages = by_messages ? q->messages : 0,
	};
	return by_messages ? messages : octets;
}

int quota_format_share(struct buf *b, const struct quota *q,
		       const struct usage *u)
{
	struct quota of;
	unsigned share = quota_share(q, u, &of);
	int r;

	if (!quota_any(q))
		return 0;
	r = buf_printf(b, "%u %% of ", share);
	return r < 0 ? r : quota_format(b, &of);
}

/* ---- the owner ---- */

int quota_warn_once(struct store *s, struct slice mailbox)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int fd CLEANUP(file_close) = -1;
	int r;

	if (s->keeper >= 0)
		return keeper_warn(s, mailbox, false);
	r = place_open(s, mailbox, true, &p);
	if (r < 0)
		return r;
	fd = file_create(p.side, place_beside(&p, WARNED).name, 0660);
	return fd == -EEXIST ? 0 : fd < 0 ? fd : 1;
}

int quota_warn_again(struct store *s, struct slice mailbox)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int r;

	if (s->keeper >= 0)
		return keeper_warn(s, mailbox, true);
	r = place_open(s, mailbox, false, &p);
	if (r == 0 && p.side >= 0)
		r = file_unlink(p.side, place_beside(&p, WARNED).name);
	return r == -ENOENT ? 0 : r;
}
