/* SPDX-License-Identifier: ISC */
/* A mailbox as a POP3 session sees it: RFC 1939's maildrop. What it held at
 * login stays visible until QUIT; deliveries go on meanwhile. */
#pragma once

#include "mail/mboxrd.h"
#include "store/store.h"

#define MAILDROP_UID_MAX 71 /* with NUL; RFC 1939 §7 */

struct maildrop;

/* Lock out other sessions, repair after a crash, read what is there.
 *
 * login_delay_ms: at least this long since the last login
 * ret_wait_ms: with -EBUSY by login delay, how long to wait yet, else 0
 *
 * 0; -EBUSY with *ret_wait_ms == 0: another session has it ([IN-USE]);
 * (at once; but one that only finishes what its QUIT decided is waited for, as
 * for a lock);
 * -EBUSY with *ret_wait_ms > 0: [LOGIN-DELAY]; -EAGAIN: locked by a writer
 * past the wait ([IN-USE] too); -EBADMSG: not a mailbox file ([SYS/PERM]);
 * -EACCES, -ELOOP …: [SYS/PERM]; others [SYS/TEMP]. No such mailbox is an
 * empty one. Where nothing can be written (a file system mounted read-only,
 * missing rights) it is only read: by any number of sessions, without delay,
 * and not if a crash left something to repair (-EROFS). */
int maildrop_open(struct store *s, struct slice mailbox, int64_t login_delay_ms,
		  struct maildrop **ret, int64_t *ret_wait_ms) MUST_LOOK;

/* Number of messages, and of those nobody has read; octets of all. */
size_t maildrop_count(const struct maildrop *m);
size_t maildrop_unread(const struct maildrop *m);
uint64_t maildrop_total(const struct maildrop *m);

/* Nothing can be removed: maildrop_expunge will say -EROFS. */
bool maildrop_read_only(const struct maildrop *m);

/* Message i (0 …): octets as RETR sends them (CRLF lines, before
 * dot-stuffing). 0 also when they cannot be known: see maildrop_error. */
uint64_t maildrop_octets(struct maildrop *m, size_t i);

/* Its unique-id: 1 to 70 of 0x21..0x7e, NUL-terminated, valid until the next
 * call; different for every message in it. Empty when it cannot be known. */
const char *maildrop_uid(struct maildrop *m, size_t i);

/* 0, or the first error that these two met: what they said since is not to be
 * relied on, and the session had better end. */
int maildrop_error(const struct maildrop *m);

/* Give out message i as it came in: unquoted, every line ended by CRLF, no
 * dot-stuffing, in pieces. body_lines: SIZE_MAX for all, else the header, the
 * empty line and so many lines of body (TOP). 0, an error of `out`, -ESTALE
 * (somebody rewrote the mailbox meanwhile), or -EIO. */
int maildrop_read(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context) MUST_LOOK;

/* The same with a '.' before every line that begins with one: RFC 1939 §3.
 * Nothing given out on success but whole lines. */
int maildrop_send(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context) MUST_LOOK;

/* The session's last: decide that the messages marked in `deleted` (one per
 * message) go, all or, on failure, none. 0: that is durable, and may be told:
 * whoever opens the mailbox next finds them gone, whatever happens to us. The
 * mailbox is locked from then on, and as it was, until maildrop_finish or
 * maildrop_close; `deleted` must last as long. Who logs in meanwhile waits for
 * the seat. -EAGAIN (lock), -ENOSPC, -ESTALE, … */
int maildrop_expunge(struct maildrop *m, bool *deleted) MUST_LOOK;

/* Carry out what was decided, and unlock. Keeps the inode and whatever others
 * appended. 0 (also when there is nothing to do), or -errno: the next opener
 * finishes it, as he does after a crash at any instant. */
int maildrop_finish(struct maildrop *m) MUST_LOOK;

/* All that it will open from now on: the mailbox, the directory it is in and
 * the .postern there; -1 for what is not there. Borrowed. */
struct maildrop_places {
	int mailbox, dir, side;
};
struct maildrop_places maildrop_places(const struct maildrop *m);

/* Free it and its locks. */
void maildrop_close(struct maildrop *m);
