/* SPDX-License-Identifier: ISC */
/* The keeper of the mailboxes: a process of its own, which does for a session
 * what it may not do itself. So an SMTP session appends to mailboxes that it
 * cannot open, whatever becomes of it: all it can ask for are the five calls
 * below, and none of them gives a mailbox's contents away.
 *
 *     mbox_append, mbox_append_forget, quota_usage, quota_warn_once,
 *     quota_warn_again
 *
 * The rest of the store is not done for anybody. */
#pragma once

#include "store/mbox.h"

/* The keeper: do what is asked for at the socket `fd`, until its other end is
 * closed. What comes from there is believed as little as a stranger. */
void keeper_serve(struct store *s, int fd);

/* The session: from now on have it done by the keeper at `fd`, which belongs to
 * the store from now on. */
void keeper_hire(struct store *s, int fd);

/* For the five: as they say, or -EPIPE (it has died), -E2BIG. */
int keeper_append(struct store *s, struct slice mailbox,
		  const struct mbox_message *m) MUST_LOOK;
int keeper_forget(struct store *s, struct slice mailbox,
		  struct slice once) MUST_LOOK;
int keeper_usage(struct store *s, struct slice mailbox, bool count,
		 struct usage *ret) MUST_LOOK;
int keeper_warn(struct store *s, struct slice mailbox, bool again) MUST_LOOK;
