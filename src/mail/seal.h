/* SPDX-License-Identifier: ISC */
/* The seal: the line that postern puts directly behind the From_ line of what
 * it appends to a mailbox, so that a message torn by a power cut is known for
 * one. It belongs to the envelope as the From_ line does.
 *
 *     X-Postern-Seal: LENGTH DIGEST[ ONCE]
 *
 * LENGTH, decimal, zero-padded: octets from the From_ line's first one to the
 * end of the separating empty line. DIGEST: the first 16 hex digits of the
 * SHA-256 of the From_ line and of everything behind the seal line up to that
 * end. ONCE: the name of a delivery that must not happen twice. */
#pragma once

#include "base/slice.h"

#define SEAL_MAX 128 /* longest line, with LF and NUL */

struct seal {
	uint64_t length;
	char digest[17];
	char once[64]; /* printable ASCII without blanks; may be empty */
};

/* The line with its LF and a NUL; its length, which for lengths below 10^12
 * does not depend on the number. */
size_t seal_format(const struct seal *s, char ret[SEAL_MAX]);

/* Is a line of this name a seal, when it stands behind a From_ line? Bytes
 * behind the colon are not looked at. */
bool seal_is(struct slice line);

/* A seal's line without its LF. 0 or -EBADMSG. */
int seal_parse(struct slice line, struct seal *ret) MUST_LOOK;
