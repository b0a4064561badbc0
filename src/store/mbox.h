/* SPDX-License-Identifier: ISC */
/* Delivery into a mailbox. */
#pragma once

#include "store/quota.h"
#include "store/store.h"

/* What an append did. */
struct mbox_appended {
	bool now;    /* false: a named delivery that was done before */
	uint64_t at; /* of the new From_ line */
	/* the mailbox; messages where they are limited */
	struct usage before, after;
};

/* A message on its way in: `head` is written first, then `length` bytes of
 * `fd` from `offset` (or, with fd < 0, `text`). LF lines. */
struct mbox_message {
	struct slice sender; /* for the From_ line; empty: MAILER-DAEMON */
	int64_t real_us;
	struct slice head; /* Return-Path, Delivered-To */
	struct slice text;
	int fd;
	uint64_t offset;
	uint64_t length;
	uid_t owner; /* of a mailbox that must be made; (uid_t)-1: ours */
	/* Names this delivery ("queue id:slot"), at most 63 bytes; empty for
	 * one nobody will repeat. A named delivery is done once: repeated
	 * after a crash it finds its own trace and does nothing. */
	struct slice once;
	struct quota quota;            /* of the mailbox */
	struct mbox_appended *ret_did; /* filled in on success; or NULL */
};

/* Append and make durable: locks in Debian's order (fcntl, then dotlock), look
 * at the size, write there, unlock, one flush. A crash at any instant leaves
 * either the whole message or none of it for the next opener (who repairs).
 * Makes the mailbox when there is none.
 *
 * 0; -EAGAIN (lock busy past the wait); -EDQUOT (over the quota: nothing was
 * written; or the file system's); -E2BIG (larger than the whole quota);
 * -ENOSPC, -EFBIG, -EIO, -EACCES, -ELOOP, -EMLINK, -EINVAL (not a mailbox
 * file): on any error the file is as long as it was. (Should the flush fail and
 * then the lock not be had, the message may stay.) RFC 4155; mboxrd quoting. */
int mbox_append(struct store *s, struct slice mailbox,
		const struct mbox_message *m) MUST_LOOK;

/* A named delivery has been recorded by whoever named it: forget its trace.
 * Call only after the record is durable. */
int mbox_append_forget(struct store *s, struct slice mailbox,
		       struct slice once) MUST_LOOK;

/* Would a message of `octets` be taken now? 0, -ENOSPC, or -errno of rights
 * and so on; quota_check tells about limits. */
int mbox_may_append(struct store *s, struct slice mailbox,
		    uint64_t octets) MUST_LOOK;
