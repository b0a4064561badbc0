/* SPDX-License-Identifier: ISC */
/* Is there room for a message? What RCPT answers before it has come. */
#pragma once

#include "route/route.h"
#include "smtp/reply.h"
#include "store/store.h"

/* For a message of so many octets (0: nobody said) to all of `n` targets:
 * REPLY_RCPT_OK, REPLY_NO_SPACE, REPLY_MAILBOX_FULL, or
 * REPLY_MAILBOX_TOO_SMALL. Where an alias has several, one that is full keeps
 * the message from nobody else. */
enum reply_id space_judge(struct store *s, const struct route_target *targets,
			  size_t n, uint64_t octets);
