/* SPDX-License-Identifier: ISC */
/* The mail directory, and what lies beside each mailbox in it:
 *
 *     alice                    the mailbox: mboxrd, LF lines
 *     alice.lock               dotlock, while somebody writes
 *     .postern/alice.session   seat.h: who is logged in
 *     .postern/alice.append    notes.h: what is whole, durable, and done
 *     .postern/alice.expunge   expunge.h: what must be finished
 *     .postern/alice.index     index.h: where the messages are
 *     .postern/alice.uidl      uidl.h: unique-ids that must be remembered
 *
 * All of them stand in doc/store.md.
 *
 * A mailbox "example.org/alice" lies one folder down, with a .postern of its
 * own. Mailbox names come from our own files, never from the wire, and are
 * checked all the same. */
#pragma once

#include "base/file.h"

struct store;

struct store_options {
	uint64_t lock_wait_ms; /* for all the locks of one operation */
	bool dotlock;
};

/* 0 or -errno of opening the directory. */
int store_open(const char *directory, const struct store_options *o,
	       struct store **ret) MUST_LOOK;
void store_close(struct store *s);
