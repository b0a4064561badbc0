/* SPDX-License-Identifier: ISC */
/* One message out of the mailbox as POP3 gives it out: unquoted, CRLF. */
#pragma once

#include "mail/mboxrd.h"
#include "store/index.h"

/* As maildrop_read; stuff: as maildrop_send. */
int retrieve(int fd, const struct index_entry *m, size_t body_lines, bool stuff,
	     mboxrd_out *out, void *context) MUST_LOOK;
