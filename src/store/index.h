/* SPDX-License-Identifier: ISC */
/* The index of a mailbox, .postern/NAME.index: where its messages are. A
 * cache: verified against the mailbox, extended by what was appended, made
 * anew on the least doubt. No octet of a mailbox is ever shown because an
 * index said so: whoever reads a message looks whether it is there.
 *
 * It is read a window at a time, never whole. Where it cannot be written it
 * lives in memory. All calls that take the mailbox are made with it locked. */
#pragma once

#include "store/place.h"

#define INDEX_DIGEST 16 /* octets */

struct index_entry {
	uint64_t from;   /* offset of its From_ line */
	uint64_t start;  /* of its first header line */
	uint64_t body;   /* of the first octet behind the header's empty line */
	uint64_t end;    /* behind its last octet */
	uint64_t next;   /* of the next From_ line, or the end of the mailbox */
	uint64_t octets; /* as RETR sends it, before dot-stuffing */
	uint64_t header_octets; /* of these, the header's with its empty line */
	uint64_t lines;
	uint8_t digest[INDEX_DIGEST]; /* see struct mbox_span */
	uint32_t number; /* which of the messages with that digest it is */
	uint64_t uidl;   /* where in NAME.uidl its unique-id stands; 0: it is
			    made of digest and number */
	bool read;       /* Status: has R */
};

struct index;

/* What the mailbox holds now. 0; -EBADMSG (no mailbox); -ENOMEM; -errno of
 * reading the mailbox, or of NAME.uidl where there is one. */
int index_open(const struct place *p, int mailbox,
	       struct index **ret) MUST_LOOK;
void index_close(struct index *x);

uint64_t index_count(const struct index *x);
uint64_t index_octets(const struct index *x); /* of all messages */
uint64_t index_unread(const struct index *x); /* messages */
uint64_t index_size(const struct index *x);   /* of the mailbox */

/* Is `now` the very index that `was` is, only longer perhaps? Then its messages
 * are where they were, and what they were. */
bool index_goes_on(const struct index *now, const struct index *was);

/* False: no two messages have the same digest. */
bool index_has_twins(const struct index *x);

/* Was it opened just now as it had been left (nothing read but one message)? */
bool index_was_warm(const struct index *x);

/* Was it extended by what had come since? Neither: it was made anew. */
bool index_was_extended(const struct index *x);

/* Entry i. 0; -EBADMSG (damaged: the file is removed, the next opener makes a
 * new one); -errno. */
int index_get(struct index *x, uint64_t i, struct index_entry *ret) MUST_LOOK;

/* Is the mailbox still as it was? One look at its size and times. */
bool index_holds(const struct index *x, int mailbox);

/* Does message i stand where it says? 0, -ESTALE, or -errno. */
int index_verify(struct index *x, uint64_t i, int mailbox) MUST_LOOK;

/* The messages for which `gone` is true have been taken out of the mailbox,
 * which has not been unlocked since x was found to hold: write the index of
 * what is left. renumber: NAME.uidl is another one now. An error costs the
 * next opener a look at the whole mailbox. */
typedef bool index_gone(void *context, uint64_t i);
int index_shrink(struct index *x, int mailbox, bool renumber, index_gone *gone,
		 void *context) MUST_LOOK;

/* How many messages does the mailbox hold? What the index does not know yet is
 * scanned, and not remembered: a session may be reading it. */
int index_tally(const struct place *p, int mailbox, uint64_t *ret) MUST_LOOK;

/* Forget it: the next opener makes a new one. */
void index_drop(const struct place *p);
