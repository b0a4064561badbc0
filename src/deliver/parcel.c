/* SPDX-License-Identifier: ISC */
/* One message into one mailbox, under the two lines that final delivery puts
 * on top (RFC 5321 §4.4). */
#include "deliver/parcel.h"

#include "deliver/events.h"
#include "deliver/landing.h"
#include "mail/trace.h"

#define HEAD_MAX 65536

int parcel_append(struct deliver *d, const struct envelope *env,
		  const struct route_target *target, const struct content *c,
		  struct slice once)
{
	struct buf head = BUF(HEAD_MAX);
	struct mbox_appended did = { .now = false };
	struct mbox_message m = {
		.sender = env->from,
		.real_us = env->arrived_us,
		.text = c->text,
		.fd = c->fd,
		.offset = c->offset,
		.length = c->length,
		.owner = target->owner,
		.once = once,
		.quota = target->quota,
		.ret_did = &did,
	};
	int r = trace_return_path(&head, env->from);

	event_bad_option(target);
	if (r == 0)
		r = trace_delivered_to(&head, target->address);
	if (r == 0) {
		m.head = buf_slice(&head);
		r = mbox_append(d->store, target->mailbox, &m);
	}
	buf_done(&head);
	if (r == 0)
		landing(d, target, &did);
	return r;
}

struct content parcel_of_item(struct queue_item *item)
{
	struct content c = { .fd = -1 };

	queue_item_message(item, &c.fd, &c.offset, &c.length);
	return c;
}
