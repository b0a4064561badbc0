/* SPDX-License-Identifier: ISC */
/* Unique-ids (RFC 1939 §7): made of what a message is, so that they survive
 * the loss of the index: the digest of header, size and the body's beginning,
 * and for the second and further of identical messages a number, "DIGEST.2".
 *
 * .postern/NAME.uidl holds those that cannot be made so: what was taken over
 * from another server, and twins whose elders are gone. Lines of text; the
 * lines of one digest follow each other:
 *
 *     DIGEST # NEXT    the number of the next such message that comes
 *     DIGEST UID       of the first such message in the mailbox,
 *     DIGEST UID       of the second …
 */
#pragma once

#include "store/index.h"

#define UIDL_MAX 70 /* RFC 1939 §7 */

/* The unique-id of an entry of x. 0, -EBADMSG, or -errno. */
int uidl_text(struct index *x, const struct index_entry *e,
	      char ret[UIDL_MAX + 1]) MUST_LOOK;

/* Is this one? 1 to 70 of 0x21 to 0x7e. */
bool uidl_valid(struct slice uid);

/* Number the entries of x from `first` on; no matter if some of them were. An
 * error where NAME.uidl cannot be read: they may have ids there. */
int uidl_number(struct index *x, uint64_t first) MUST_LOOK;

/* Before messages are taken out: where what stays would be numbered otherwise
 * from now on, write NAME.uidl.next, durably. 1, 0 (no need), or -errno. */
int uidl_next_write(struct index *x, index_gone *gone, void *context) MUST_LOOK;

/* It takes effect (no matter if it has before). */
int uidl_next_apply(const struct place *p) MUST_LOOK;

/* Give the entries of x the unique-ids that `given` says (one per entry;
 * NULL: as it has) from now on. Durable when it returns; the index is dropped.
 * 0, -EINVAL (no unique-id), or -errno. Whoever gives
 * them sees to it that they differ. */
typedef const char *uidl_given(void *context, uint64_t i);
int uidl_import(struct index *x, uidl_given *given, void *context) MUST_LOOK;
