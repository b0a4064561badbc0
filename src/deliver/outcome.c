/* SPDX-License-Identifier: ISC */
/* See outcome.h. All texts are constants, so they outlive whatever holds
 * them. */
#include "deliver/outcome.h"

static const struct {
	int error;
	const char *status, *detail;
} errors[] = {
	{ -EAGAIN, "4.2.0", "the mailbox is busy" },
	{ -EDQUOT, "4.2.2", "the mailbox is full" },
	{ -EFBIG, "4.2.2", "the mailbox is as large as it may be" },
	{ -ENOSPC, "4.3.1", "the disk is full" },
	{ -EROFS, "4.3.0", "the disk cannot be written to" },
	{ -EIO, "4.3.0", "the disk has failed" },
	{ -EACCES, "4.3.0", "the mailbox may not be opened" },
	{ -EPERM, "4.3.0", "the mailbox may not be opened" },
	{ -ELOOP, "4.3.0", "the mailbox is a symbolic link" },
	{ -EMLINK, "4.3.0", "the mailbox has several names" },
	{ -EINVAL, "4.3.0", "the mailbox is not a mailbox file" },
	{ -EBADMSG, "4.3.0", "the mailbox is not a mailbox file" },
	{ -ENOMEM, "4.3.0", "memory is short" },
};

static void say(struct recipient *r, const char *status, const char *detail)
{
	r->status = slice_of(status);
	r->detail = slice_of(detail);
	r->remote = SLICE_NONE;
}

void outcome_of_error(struct recipient *r, int error)
{
	if (error == -E2BIG) {
		r->state = RECIPIENT_FAILED;
		say(r, "5.2.2",
		    "the message is larger than the mailbox may be");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].error == error) {
			say(r, errors[i].status, errors[i].detail);
			return;
		}
	say(r, "4.3.0", "the mailbox cannot be written to");
}

void outcome_of_route(struct recipient *r, enum route_outcome outcome)
{
	switch (outcome) {
	case ROUTE_FOUND:
		break;
	case ROUTE_NO_USER:
		r->state = RECIPIENT_FAILED;
		say(r, "5.1.1", "there is no such mailbox");
		break;
	case ROUTE_LOOP:
		r->state = RECIPIENT_FAILED;
		say(r, "5.4.6", "the aliases name each other");
		break;
	case ROUTE_TOO_MANY:
	case ROUTE_BROKEN:
		say(r, "4.3.5", "the configuration cannot be followed");
		break;
	case ROUTE_AGAIN:
		say(r, "4.3.0", "the configuration cannot be read");
		break;
	}
}

void outcome_loop(struct recipient *r)
{
	r->state = RECIPIENT_FAILED;
	say(r, "5.4.6", "the message has been in this mailbox before");
}

void outcome_delivered(struct recipient *r)
{
	r->state = RECIPIENT_DELIVERED;
	say(r, "2.0.0", "delivered to the mailbox");
}
