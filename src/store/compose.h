/* SPDX-License-Identifier: ISC */
/* A message as it stands in the mailbox: From_ line, seal, head, body quoted,
 * the separating empty line. One pass over the message, whatever its size. */
#pragma once

#include "store/mbox.h"

struct stat;

/* Write it to the end of the mailbox `fd`, whose state is `st`, with `pad` LF
 * before it. The block that holds the From_ line and the seal is written last:
 * until then there is nothing that could be taken for a message. *ret_length:
 * octets written, the LFs included. 0; -EIO also when the message is not as
 * long as it says; errors of mboxrd_from_line and file_write_at. */
int compose(int fd, const struct stat *st, uint64_t pad,
	    const struct mbox_message *m, uint64_t *ret_length) MUST_LOOK;

/* How many octets that will be, for the same arguments. */
int compose_measure(const struct stat *st, uint64_t pad,
		    const struct mbox_message *m,
		    uint64_t *ret_length) MUST_LOOK;

/* Does a message of ours stand at from..to (LFs before it included) of the
 * mailbox `inode`, unchanged? */
bool compose_stands(int fd, uint64_t inode, uint64_t from, uint64_t to);
