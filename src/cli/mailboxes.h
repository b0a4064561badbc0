/* SPDX-License-Identifier: ISC */
/* The mailboxes of the system's accounts: the handlers are not root and
 * cannot make a file that belongs to somebody else. */
#pragma once

#include "base/slice.h"

enum mailboxes_done { MAILBOX_FINE, MAILBOX_MADE, MAILBOX_MENDED };

/* Make `name` below the mail directory `dir`, or give the file that is there
 * to owner:group with mode 0660. Never follows a link, nor touches what is no
 * regular file or has a second name. 0 or -errno. */
int mailboxes_make(int dir, const char *name, uid_t owner, gid_t group,
		   enum mailboxes_done *ret) MUST_LOOK;
