/* SPDX-License-Identifier: ISC */
/* See landing.h. The warning goes straight into the mailbox: no limit keeps it
 * out, and it is no delivery that could cause another. */
#include "deliver/landing.h"

#include "base/clock.h"
#include "deliver/events.h"
#include "deliver/warning.h"
#include "mail/trace.h"

#define TEXT_MAX 8192

/* He is told again once the mailbox was below nine tenths of the share at
 * which he is told. */
static unsigned again(const struct deliver *d)
{
	return (unsigned)(d->settings->quota.warn_percent * 9 / 10);
}

static int append_warning(struct deliver *d, const struct route_target *t,
			  struct slice head, struct slice text)
{
	const struct mbox_message m = {
		.real_us = clock_real_us(),
		.head = head,
		.text = text,
		.fd = -1,
		.length = text.n,
		.owner = t->owner,
	};

	return mbox_append(d->store, t->mailbox, &m);
}

static int send_warning(struct deliver *d, const struct route_target *t,
			const struct usage *usage)
{
	const struct warning w = {
		.host = d->settings->host.name,
		.postmaster = d->postmaster,
		.to = t->address,
		.now_us = clock_real_us(),
		.quota = t->quota,
		.usage = *usage,
		.again = again(d),
	};
	struct buf head = BUF(TEXT_MAX), text = BUF(TEXT_MAX);
	int r = trace_return_path(&head, SLICE_NONE);

	if (r == 0)
		r = trace_delivered_to(&head, t->address);
	if (r == 0)
		r = warning_write(&text, &w);
	if (r == 0)
		r = append_warning(d, t, buf_slice(&head), buf_slice(&text));
	buf_done(&head);
	buf_done(&text);
	return r;
}

static void warn(struct deliver *d, const struct route_target *t,
		 const struct usage *usage)
{
	int r = quota_warn_once(d->store, t->mailbox);

	if (r == 0)
		return;
	if (r > 0) {
		r = send_warning(d, t, usage);
		if (r < 0) /* the next delivery tries again */
			ignore(quota_warn_again(d->store, t->mailbox));
	}
	event_warned(t, usage, r);
}

static void watch_quota(struct deliver *d, const struct route_target *t,
			const struct mbox_appended *did)
{
	uint64_t share = d->settings->quota.warn_percent;
	const struct quota *q = &t->quota;
	struct quota of;

	if (share == 0 || !quota_any(q))
		return;
	/* a file that stays means one warning less */
	if (quota_share(q, &did->before, &of) < again(d))
		ignore(quota_warn_again(d->store, t->mailbox));
	if (quota_share(q, &did->after, &of) >= share)
		warn(d, t, &did->after);
}

void landing(struct deliver *d, const struct route_target *target,
	     const struct mbox_appended *did)
{
	if (!did->now)
		return;
	if (d->arrival)
		d->arrival(d->arrival_context, target->mailbox, did->at);
	watch_quota(d, target, did);
}
