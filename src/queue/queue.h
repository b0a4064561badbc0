/* SPDX-License-Identifier: ISC */
/* The queue: a directory that an administrator can read with ls and less.
 *
 *     tmp/    being written: HOST.PID.ID; leftovers of the dead are removed
 *     new/    just accepted: ID; emptied by the next run
 *     due/2026-11-23T07:10Z/2026-11-23T07:15:03Z.ID   when it is next due;
 *             one folder for each ten minutes, so that a pass costs in
 *             proportion to what is due
 *     hosts/  which destinations are down until when; may be deleted
 *     bad/    files that could not be understood, NAME.ID; why is in the log
 *
 * One file per message, postern-queue(5): the envelope as lines of text,
 * an empty line, the message (LF lines). It comes to life by one durable
 * rename into new/ and is never rewritten; a recipient's state lies in a field
 * of fixed width and is updated in place. A message is claimed by a lock on
 * its file, which the file system carries to other hosts. */
#pragma once

#include "base/file.h"
#include "mail/envelope.h"

struct queue;
struct queue_item;

/* create: make the directories that are missing (0700). */
int queue_open(const char *directory, bool create,
	       struct queue **ret) MUST_LOOK;
void queue_close(struct queue *q);

/* Before queue_open, where the effective user may be root: become, for good,
 * the account that the directory belongs to, with its groups (no such account:
 * its uid and the directory's gid), so that others can open what is made. 0,
 * also where there is nothing to do; or -errno. */
int queue_become_owner(const char *directory) MUST_LOOK;

/* ---- writing one: tmp/ → new/ ---- */

struct queue_draft;

/* Begin a file for `env`: id, arrived_us, from, recipients and parameters are
 * as they will stay (octets may come later). 0 or -errno. */
int queue_draft_new(struct queue *q, const struct envelope *env,
		    struct queue_draft **ret) MUST_LOOK;
int queue_draft_write(struct queue_draft *d, struct slice bytes) MUST_LOOK;

/* The message so far: descriptor (borrowed), offset of its first byte. */
void queue_draft_message(struct queue_draft *d, int *ret_fd,
			 uint64_t *ret_offset);

/* The one durable step. octets: see struct envelope. claim: hold the new
 * file's lock from its first instant on and return it as a claimed item;
 * NULL: anybody may have it. On failure nothing is left. Consumes the draft
 * either way. */
int queue_draft_publish(struct queue_draft *d, uint64_t octets,
			struct queue_item **claim) MUST_LOOK;

/* Throw it away; NULL is allowed. */
void queue_draft_free(struct queue_draft *d);

/* ---- working it off ---- */

/* Give out what is due at now_us, oldest due first, each claimed, at most
 * `most`; everything in new/ is due. Files others have claimed are passed
 * over. Files that cannot be understood go to bad/ and are logged. The items
 * are the caller's. 0 or -errno. */
int queue_claim_due(struct queue *q, int64_t now_us, size_t most,
		    struct queue_item ***ret, size_t *ret_n) MUST_LOOK;

/* One by its id, wherever it is and whenever due: 0, -ENOENT, -EAGAIN. */
int queue_claim(struct queue *q, struct slice id,
		struct queue_item **ret) MUST_LOOK;

/* Every item, read but not claimed (states may change meanwhile); for
 * listings. `due_us` 0: at once. A non-zero return of `each` ends the walk. */
typedef int queue_each(void *context, struct queue_item *item, int64_t due_us,
		       bool claimed);
int queue_walk(struct queue *q, queue_each *each, void *context) MUST_LOOK;

/* How many files in bad/? */
int queue_bad(struct queue *q, size_t *ret) MUST_LOOK;

/* Belongs to the item. */
struct envelope *queue_item_envelope(struct queue_item *i);

/* Where the message lies: descriptor (borrowed), offset, length (LF form). */
void queue_item_message(struct queue_item *i, int *ret_fd, uint64_t *ret_offset,
			uint64_t *ret_length);

/* Write the state of recipient `r` (of this item's envelope: state, warned,
 * reported, attempts, status, detail, remote) in place. durable: on the disk
 * when this returns; an outcome that must not happen twice is. 0 or -errno. */
int queue_item_record(struct queue_item *i, const struct recipient *r,
		      bool durable) MUST_LOOK;

/* Read the states again: a worker process changed them through the same
 * file. */
int queue_item_refresh(struct queue_item *i) MUST_LOOK;

/* Done with it: due again at due_us (rename), or gone (unlink, durable). Both
 * give up the claim and free the item on success and failure alike. */
int queue_item_later(struct queue_item *i, int64_t due_us) MUST_LOOK;
int queue_item_remove(struct queue_item *i) MUST_LOOK;

/* Give up the claim, leave the file as it is. NULL is allowed. The claim ends
 * even where a child process still has the file open; a child that ends
 * without this leaves the parent's claim alone. */
void queue_item_free(struct queue_item *i);

/* In a child process: have it no more, and leave the claim alone. Only
 * queue_item_free may follow. */
void queue_item_hide(struct queue_item *i);

/* Remove from tmp/ what writers of this host left when they died (no lock on
 * it, older than an hour). Number removed or -errno. */
int queue_sweep(struct queue *q, int64_t now_us) MUST_LOOK;

/* When is the earliest one due? 0: at once, INT64_MAX: nothing queued. */
int queue_next_due(struct queue *q, int64_t *ret_us) MUST_LOOK;

/* Is anything in new/? After a pass: what others have claimed there, and will
 * be done with soon. 0 or -errno. */
int queue_new_left(struct queue *q, bool *ret) MUST_LOOK;

/* ---- memory of destinations ---- */

struct queue_host {
	unsigned failures; /* in a row */
	int64_t not_before_us;
};

/* What is known of `destination`; zeros when nothing. Never fails. */
void queue_host_get(struct queue *q, struct slice destination,
		    struct queue_host *ret);
/* Remember (failures > 0) or forget (0); best effort. */
void queue_host_set(struct queue *q, struct slice destination,
		    const struct queue_host *h);
/* Forget all, so that each is tried at once. 0 or -errno. */
int queue_hosts_forget(struct queue *q) MUST_LOOK;
