/* SPDX-License-Identifier: ISC */
/* See space.h. What may pass by itself (a lock, trouble with a file) is no
 * reason to refuse: such mail waits in the queue. */
#include "main/space.h"

#include "deliver/events.h"
#include "store/mbox.h"

static enum reply_id judge_quota(struct store *s, const struct route_target *t,
				 uint64_t octets)
{
	const struct quota *q = &t->quota;
	struct usage now;

	if (!quota_any(q))
		return REPLY_RCPT_OK;
	if (quota_never(q, octets))
		return REPLY_MAILBOX_TOO_SMALL;
	if (quota_usage(s, t->mailbox, q->messages > 0, &now) < 0)
		return REPLY_RCPT_OK;
	/* full is where not one octet more would fit */
	return quota_check(q, &now, octets > 0 ? octets : 1) < 0
		       ? REPLY_MAILBOX_FULL
		       : REPLY_RCPT_OK;
}

static enum reply_id judge_all(struct store *s, const struct route_target *v,
			       size_t n, uint64_t octets)
{
	enum reply_id all = REPLY_MAILBOX_TOO_SMALL;

	for (size_t i = 0; i < n; i++) {
		enum reply_id one = v[i].here ? judge_quota(s, &v[i], octets)
					      : REPLY_RCPT_OK;

		if (one == REPLY_RCPT_OK)
			return one;
		event_bad_option(&v[i]);
		if (one == REPLY_MAILBOX_FULL)
			all = one;
	}
	return all;
}

enum reply_id space_judge(struct store *s, const struct route_target *targets,
			  size_t n, uint64_t octets)
{
	for (size_t i = 0; i < n; i++)
		if (targets[i].here &&
		    mbox_may_append(s, targets[i].mailbox, octets) == -ENOSPC)
			return REPLY_NO_SPACE;
	return judge_all(s, targets, n, octets);
}
