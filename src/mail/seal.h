/* SPDX-License-Identifier: ISC */
/* The seal of a message in a mailbox: the line directly behind its From_ line,
 *
 *     X-Postern-Seal: 000000004711 9f86d081884c7d65 INODE-OFFSET[ ONCE]
 *
 * length of the message (From_ line to separating empty line, this line
 * included), digest of all of it but this line, the place it was written for,
 * and the name of the delivery. By it a message that a crash tore is known.
 * Like the From_ line it belongs to the envelope: POP3 never shows it. */
#pragma once

#include "base/slice.h"

#define SEAL_NAME   "X-Postern-Seal"
#define SEAL_DIGEST 16 /* hex digits */
#define SEAL_ONCE   63
#define SEAL_MAX    256

struct seal {
	uint64_t length; /* octets, at most 2^62 */
	uint64_t inode;  /* of the mailbox, */
	uint64_t offset; /* and where in it: a copy elsewhere is not ours */
	char digest[SEAL_DIGEST + 1];
	char once[SEAL_ONCE + 1]; /* printable, no blank; may be empty */
};

/* The line with its LF, NUL behind it; how long it is. That does not depend on
 * `length` and `offset` (below 10^12) or `digest`. */
size_t seal_format(const struct seal *s, char ret[SEAL_MAX]);

/* Is a line of this name a seal, when it stands behind a From_ line? Bytes
 * behind the colon are not looked at. */
bool seal_is(struct slice line);

/* A line without its LF. 0 or -EBADMSG. */
int seal_parse(struct slice line, struct seal *ret) MUST_LOOK;
